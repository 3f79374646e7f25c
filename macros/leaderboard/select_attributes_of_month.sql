{#- Attributes of each account of the CTE `series` as of its month, for the leaderboard bases. While a month is open
    they are those of the CTE `accounts`. Once it is closed they are frozen: the target's own row of the month. An account
    that is new to a closed month (a month first built in retrospect) takes the earliest that the target knows, else
    those of today. Both CTEs and the target have the column `key`. -#}
{% macro select_attributes_of_month(key) -%}
{%- set columns = ['handle', 'name', 'category', 'language', 'country', 'profile_type'] -%}
select
    series.month as month,
    series.{{ key }} as {{ key }},
    {%- for column in columns %}
    {%- if is_incremental() %}
    multiIf(
        {{ month_state('series.month') }} != 'FINAL', accounts.{{ column }},
        frozen.{{ key }} is not null, frozen.{{ column }},
        coalesce(earliest.{{ column }}_known, accounts.{{ column }})
    ) as {{ column }}
    {%- else %}
    accounts.{{ column }} as {{ column }}
    {%- endif %}
    {{- ',' if not loop.last }}
    {%- endfor %}
from series
left join accounts on series.{{ key }} = accounts.{{ key }}
{%- if is_incremental() %}
left join (
    select month, {{ key }}, {{ columns | join(', ') }}
    from {{ this }}
) as frozen on series.month = frozen.month and series.{{ key }} = frozen.{{ key }}
left join (
    select
        {{ key }},
        {%- for column in columns %}
        argMin({{ column }}, month) as {{ column }}_known{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ this }}
    group by {{ key }}
) as earliest on series.{{ key }} = earliest.{{ key }}
{%- endif %}
{%- endmacro %}
