{#- What account marts show of the newer of the full and the partial summary of each account; of two equally new ones
    the full. -#}
{% macro select_newest_summaries() -%}
{%- set columns -%}
    profile_id,
    recent_posts,
    likes_spread_pct,
    likes_to_comment_ratio,
    story_reach,
    {%- for average in list_shown_averages() %}
    {{ average }},
    {{ average }}_trimmed,
    {%- endfor %}
    computed_at
{%- endset -%}
select *
from (
    select {{ columns }}, 1 as is_full
    from {{ ref('mart_instagram_account_summary') }}
    union all
    select {{ columns }}, 0 as is_full
    from {{ ref_latest('mart_instagram_account_summary_partial') }}
)
{{ keep_latest('profile_id', 'computed_at', ties=['is_full']) }}
{%- endmacro %}
