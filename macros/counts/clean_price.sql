{#- The price that a text holds: a decimal of up to three places (the dinar has three, the yen none), also written with
    an exponent. NULL when it is anything else: a thousands sign may be a decimal sign, so what it means is unknown. -#}
{% macro clean_price(text) -%}
    {%- set value -%}
    if(match({{ text }}, '^[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,2})?$'), toDecimal128OrNull({{ text }}, 3), null)
    {%- endset -%}
    if({{ value }} between 0 and 1000000000000, toDecimal64OrNull(toString({{ value }}), 3), null)
{%- endmacro %}
