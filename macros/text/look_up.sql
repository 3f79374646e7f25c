{#- The result column of a seed where its key column is the value (compared in lower case); NULL when it has none.
    For small seeds: both columns become constant arrays of the query. -#}
{% macro look_up(value, seed, key, result, filter='true') -%}
    transform(
        lowerUTF8({{ value }}),
        (select groupArray(pair.1) from (select ({{ key }}, {{ result }}) as pair from {{ ref(seed) }} where {{ filter }} order by pair)),
        (select groupArray(pair.2) from (select ({{ key }}, {{ result }}) as pair from {{ ref(seed) }} where {{ filter }} order by pair)),
        null
    )
{%- endmacro %}
