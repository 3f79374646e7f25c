{#- Words of a text in any script: distinct, lower case, composed (NFC), at least var keyword_min_letters long, without
    links, hashtags, mentions and the stop words of the seed, in the order of the text. -#}
{% macro find_keywords(text) -%}
    arrayDistinct(
        arrayFilter(
            word -> lengthUTF8(word) >= {{ var('keyword_min_letters') }}
                and match(word, '^\\pL')
                and not has((select groupArray(stop.word) from {{ ref('stop_word') }} as stop), word),
            extractAll(
                replaceRegexpAll(
                    lowerUTF8(normalizeUTF8NFC(coalesce({{ text }}, ''))), 'https?://[^\\s]+|[#@][^\\s]+', ' '
                ),
                '[\\pL\\pM\\pN_\\x{200C}\\x{200D}]+'
            )
        )
    )
{%- endmacro %}
