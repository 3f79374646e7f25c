{#- One counter from the tuple of parse_counts, under the first of its spellings that holds a count: a whole number from
    0 to 9·10^15, beyond which a JSON number is no longer exact. Anything else is no count and reads as NULL. -#}
{% macro read_count(parsed, names) -%}
    coalesce(
    {%- for name in names %}
        {%- set text = 'trimBoth(' ~ parsed ~ '.' ~ name ~ ')' %}
        {%- set exact = 'toInt64OrNull(' ~ text ~ ')' %}
        {%- set whole = 'accurateCastOrNull(toFloat64OrNull(' ~ text ~ "), 'Int64')" %}
        {%- set value = 'coalesce(' ~ exact ~ ', ' ~ whole ~ ')' %}
        if({{ value }} between 0 and 9000000000000000, {{ value }}, null){{ ',' if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}
