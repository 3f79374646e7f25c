{#- The count that a text holds: a whole number from 0 to 9·10^15, beyond which a JSON number is no longer exact,
    however it is written. NULL where the text is anything else. -#}
{% macro count_in(text) -%}
    {%- set exact = 'toInt64OrNull(' ~ text ~ ')' -%}
    {%- set whole = 'accurateCastOrNull(toFloat64OrNull(' ~ text ~ "), 'Int64')" -%}
    {%- set value = 'coalesce(' ~ exact ~ ', ' ~ whole ~ ')' -%}
    if({{ value }} between 0 and {{ greatest_count() }}, {{ value }}, null)
{%- endmacro %}
