{#- The moment that a text holds (read_time); NULL when it holds none, or one that cannot be (is_possible_time). -#}
{% macro parse_time(text, known_at=none) -%}
    {{ clean_time(read_time(text), known_at=known_at) }}
{%- endmacro %}
