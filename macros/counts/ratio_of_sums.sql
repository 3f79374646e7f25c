{#- Sum of a over sum of b, over the rows that know both: a row that knows one only would make the ratio lie. NULL
    without such rows or where the sum of b is zero. -#}
{% macro ratio_of_sums(a, b) -%}
    {{ divide(
        'sumIf(toFloat64(' ~ a ~ '), ' ~ b ~ ' is not null)', 'sumIf(toFloat64(' ~ b ~ '), ' ~ a ~ ' is not null)'
    ) }}
{%- endmacro %}
