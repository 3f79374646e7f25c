{#- The moment that a text holds, in any of the usual notations; NULL when it holds none, or one that cannot be
    (is_possible_time). -#}
{% macro parse_time(text, known_at=none) -%}
    {{ clean_time('parseDateTime64BestEffortOrNull(' ~ text ~ ", 6, 'UTC')", known_at=known_at) }}
{%- endmacro %}
