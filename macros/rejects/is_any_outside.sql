{#- One of the columns of the row holds a number outside 0 to `greatest`, or what is no number. -#}
{% macro is_any_outside(columns, greatest) -%}
    ({% for column in columns %}{{ ' or ' if not loop.first -}}
    (feed.{{ column }} is not null and {{ clean_measure('feed.' ~ column, greatest) }} is null){% endfor %})
{%- endmacro %}
