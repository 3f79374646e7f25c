{#- One counter from the tuple of parse_counts, under the first of its spellings that holds a count (count_in). Anything
    else is no count and reads as NULL. -#}
{% macro read_count(parsed, names) -%}
    coalesce(
    {%- for name in names %}
        {{ count_in('trimBoth(' ~ parsed ~ '.' ~ name ~ ')') }}{{ ',' if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}
