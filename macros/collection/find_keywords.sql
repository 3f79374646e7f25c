{#- Words of a text in scripts that put blanks between words: distinct, lower case, composed (NFC), of var
    keyword_min_letters to var term_max_letters letters, without links, hashtags, mentions, addresses and the stop words
    of the seed, in the order of the text. Text in other scripts is left out, for nothing here can tell its words;
    count_unspaced_runs says how much. -#}
{% macro find_keywords(text) -%}
    arrayDistinct(
        arrayFilter(
            word -> lengthUTF8(word) between {{ var('keyword_min_letters') }} and {{ var('term_max_letters') }}
                and match(word, '^\\pL')
                and not has((select groupArray(stop.word) from {{ ref('stop_word') }} as stop), word),
            extractAll(
                replaceRegexpAll({{ without_tags(plain_text(text)) | indent(16) }}, '{{ unspaced_run() }}', ' '),
                '[\\pL\\pN_](?:[\\x{200C}\\x{200D}\\x{00B7}]*[\\pL\\pM\\pN_])*'
            )
        )
    )
{%- endmacro %}
