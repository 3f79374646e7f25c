{#- A model's body. The numbers of an account summary by current handle, for the owner of each handle. -#}
{% macro key_summary_by_handle(summary, reads_final=false) -%}
with handle_owners as (
    {{ select_handle_owners() | indent }}
)

select
    handle_owners.handle as handle,
    summary.profile_id as profile_id,
    summary.followers as followers,
    summary.following as following,
    summary.total_posts as total_posts,
    summary.recent_posts as recent_posts,
    summary.recent_reels as recent_reels,
    summary.recent_static as recent_static,
    summary.trimmed_posts as trimmed_posts,
    summary.trimmed_reels as trimmed_reels,
    summary.trimmed_static as trimmed_static,
    {%- for average in list_summary_averages() %}
    summary.{{ average.name }} as {{ average.name }},
    summary.{{ average.name }}_trimmed as {{ average.name }}_trimmed,
    {%- endfor %}
    summary.likes_spread_pct as likes_spread_pct,
    summary.likes_to_comment_ratio as likes_to_comment_ratio,
    summary.story_reach as story_reach,
    summary.followers_following_ratio as followers_following_ratio,
    summary.computed_at as computed_at
from {% if reads_final %}{{ ref_latest(summary, 'summary') }}{% else %}{{ ref(summary) }} as summary{% endif %}
inner join handle_owners on summary.profile_id = handle_owners.profile_id
{%- endmacro %}
