{#- Months that a leaderboard model builds: those of which the target holds no FINAL row, so a first run builds all of
    history and a month is built a last time after it closed. var reopen_month opens a FINAL month again, and the one
    after it, whose changes and previous ranks come from it. A backfill builds its own months, in a copy of the target
    (docs/decisions/0061-backfill-and-repair.md). -#}
{% macro is_month_to_build(month) -%}
    {%- if is_incremental() -%}
    {%- if rebuilt_window(model) -%}
    {{ is_rebuilt(month) }}
    {%- else -%}
    ({{ month }} not in (select month from {{ this }} where month_state = 'FINAL')
        {%- if var('reopen_month') %}
        or {{ month }} in (toDate('{{ var("reopen_month") }}'), addMonths(toDate('{{ var("reopen_month") }}'), 1))
        {%- endif %})
    {%- endif -%}
    {%- else -%}
    {{ in_slice(month) }}
    {%- endif -%}
{%- endmacro %}
