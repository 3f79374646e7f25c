{#- What a person reads of a text, as hashtags and keywords are looked for in: HTML entities decoded (twice, for feeds
    encode them twice), composed (NFC), lower case, without links, keycaps, the selectors that make a sign an emoji, and signs that nobody sees (soft hyphens,
    word joiners, byte-order marks).
    A link ends at a blank, or where its domain ends before a letter of another script. -#}
{% macro plain_text(text) -%}
{%- set domain = '(?:[a-z0-9.:@_%-]+|[\\\\pL\\\\pM\\\\pN.:@_%-]+)' -%}
{%- set path = '[!-~\\\\pL\\\\pM\\\\pN]*' -%}
{%- set with_scheme = '(?:https?://|www\\\\.)' ~ domain ~ '(?:[/?#]' ~ path ~ ')?' -%}
{%- set without_scheme = '(?:[a-z0-9_-]+\\\\.)+[a-z]{2,}(?::[0-9]+)?[/?]' ~ path -%}
{%- set keycap = '[0-9#*]\\\\x{FE0F}?\\\\x{20E3}' -%}
replaceRegexpAll(
    replaceRegexpAll(
        lowerUTF8(normalizeUTF8NFC(toValidUTF8({{ decode_html("coalesce(" ~ text ~ ", '')") | indent(8) }}))),
        '{{ with_scheme }}|{{ without_scheme }}|{{ keycap }}', ' '
    ),
    '[\\x{00AD}\\x{2060}\\x{FE0E}\\x{FE0F}\\x{FEFF}]', ''
)
{%- endmacro %}
