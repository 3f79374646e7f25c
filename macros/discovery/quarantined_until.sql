{#- The failure quarantine of every crawl: after the second permanent error since the last success nothing is tried for
    a day, after the third for a week, from the fourth on for thirty days. NULL without quarantine. `attempts` is the
    alias of a select_scrape_attempts. -#}
{% macro quarantined_until(attempts) -%}
    multiIf(
        {{ attempts }}.errors_since_success >= 4, {{ attempts }}.last_error_at + interval 30 day,
        {{ attempts }}.errors_since_success = 3, {{ attempts }}.last_error_at + interval 7 day,
        {{ attempts }}.errors_since_success = 2, {{ attempts }}.last_error_at + interval 1 day,
        null
    )
{%- endmacro %}
