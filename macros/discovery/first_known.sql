{#- Two columns: the first known of several values, and the name of where it came from. candidates is a list of
    (source, SQL expression), best first. -#}
{% macro first_known(column, candidates) -%}
    coalesce(
        {%- for source, expression in candidates %}
        {{ expression }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as {{ column }},
    multiIf(
        {%- for source, expression in candidates %}
        {{ expression }} is not null, '{{ source }}',
        {%- endfor %}
        null
    ) as {{ column }}_source
{%- endmacro %}
