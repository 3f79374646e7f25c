{#- A JSON object of name to weight as a Map. A number and quoted text give the same; names without blanks around them;
    what is no positive number up to greatest_count() is left out, so an array and NULL give an empty map. With a
    member, the object that stands under it. -#}
{% macro parse_weights(column, member=none) -%}
    cast(
        arrayFilter(
            pair -> pair.1 != '' and pair.2 > 0 and pair.2 <= {{ greatest_count() }},
            arrayMap(
                pair -> (trimBoth(toValidUTF8(pair.1)), toFloat64OrZero(trimBoth(pair.2))),
                JSONExtractKeysAndValues({{ mend_json('ifNull(' ~ column ~ ", '')") }}{% if member %}, '{{ member }}'{% endif %}, 'String')
            )
        ),
        'Map(String, Float64)'
    )
{%- endmacro %}
