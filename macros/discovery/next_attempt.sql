{#- When an entity is due again: its cool-down after the last attempt that counts, not before its quarantine ends and
    not before var passing_retry_hours after a passing failure. Now if it was never tried. `attempts` is the alias of a
    select_scrape_attempts in a left join. -#}
{% macro next_attempt(attempts, cool_down_days) -%}
    if(
        {{ attempts }}.entity is null,
        {{ as_of() }},
        arrayMax(arrayMap(
            time -> ifNull(time, toDateTime64(0, 6, 'UTC')),
            [
                {{ attempts }}.last_attempt_at + toIntervalDay({{ cool_down_days }}),
                {{ quarantined_until(attempts) | indent(16) }},
                {{ attempts }}.last_passing_at + interval {{ var('passing_retry_hours') }} hour
            ]
        ))
    )
{%- endmacro %}
