{#- The projection from which an incremental run reads how far its table has come: one row for each part, or for each
    value of the `keys` in it, instead of a column of the whole table. -#}
{% macro project_newest(columns, keys=[]) -%}
    {%- set newest = [] -%}
    {%- for column in ([columns] if columns is string else columns) -%}
        {%- do newest.append('max(' ~ column ~ ')') -%}
    {%- endfor -%}
    {{- return({
        'name': 'newest',
        'query': 'select ' ~ (keys + newest + ['count()']) | join(', ')
            ~ (' group by ' ~ keys | join(', ') if keys else ''),
    }) -}}
{%- endmacro %}
