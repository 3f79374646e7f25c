{#- The moment that a text holds, in any of the usual notations; NULL when it holds none, or one that cannot be. -#}
{% macro parse_time(text) -%}
    {{ clean_time('parseDateTime64BestEffortOrNull(' ~ text ~ ", 6, 'UTC')") }}
{%- endmacro %}
