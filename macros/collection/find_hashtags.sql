{#- Hashtags of a text in any script: distinct, lower case, composed (NFC), without their sign, in the order of the
    text. The rule is Instagram's and YouTube's, as twitter-text and UTS 31 write it down: a sign (#, or its
    full-width or small form) begins a tag where no letter, mark, digit, underscore or & stands before it, or where
    another tag ends; letters, marks, digits and underscores follow, with joiners and middle dots between them. A
    number alone is no tag, nor is what is longer than var term_max_letters. -#}
{% macro find_hashtags(text) -%}
    {%- set letter = '[\\\\pL\\\\pN_]' -%}
    {%- set body = letter ~ '(?:[\\\\x{200C}\\\\x{200D}\\\\x{00B7}\\\\x{30FB}]*[\\\\pL\\\\pM\\\\pN_])*' -%}
    arrayDistinct(
        arrayFilter(
            tag -> match(tag, '\\pL') and lengthUTF8(tag) <= {{ var('term_max_letters') }},
            arrayFlatten(
                arrayMap(
                    tags -> extractAll(tags, '[^#＃﹟]+'),
                    extractAll(
                        {{ plain_text(text) | indent(24) }},
                        '(?:^|[^\\pL\\pM\\pN_&])((?:[#＃﹟]{{ body }})+)'
                    )
                )
            )
        )
    )
{%- endmacro %}
