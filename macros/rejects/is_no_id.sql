{#- The column says an id, and none that can be used: its cleaner gives none. -#}
{% macro is_no_id(column, usable) -%}
    (trimBoth(coalesce({{ column }}, '')) not in ('', 'NULL') and {{ usable }} is null)
{%- endmacro %}
