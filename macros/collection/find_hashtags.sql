{#- Hashtags of a text in any script: distinct, lower case, composed (NFC), without #, in the order of the text. -#}
{% macro find_hashtags(text) -%}
    arrayDistinct(
        arrayFilter(
            tag -> match(tag, '\\pL'),
            extractAll(
                lowerUTF8(normalizeUTF8NFC(coalesce({{ text }}, ''))), '#([\\pL\\pM\\pN_\\x{200C}\\x{200D}]+)'
            )
        )
    )
{%- endmacro %}
