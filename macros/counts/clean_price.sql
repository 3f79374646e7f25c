{#- The price that a text holds, also written with an exponent: a decimal of up to three places, because that is what a
    currency has (ISO 4217: the dinar three, the yen none). NULL when it is anything else: a fourth place that is not 0 is
    no price, and a thousands sign may be a decimal sign, so what it means is unknown. -#}
{% macro clean_price(text) -%}
    {%- set is_number -%}
    match({{ text }}, '^[0-9]+([.][0-9]{1,30})?([eE]([+]?[0-9]{1,2}|-[0-9]))?$')
    {%- endset -%}
    {%- set value = 'toDecimal128OrNull(' ~ text ~ ', 3)' -%}
    if(
        {{ is_number }}
        and {{ value }} between 0 and 1000000000000
        and {{ value }} = toDecimal256OrNull({{ text }}, 40),
        toDecimal64OrNull(toString({{ value }}), 3),
        null
    )
{%- endmacro %}
