{#- What a person reads of a text, as hashtags and keywords are looked for in: HTML entities decoded (twice, for feeds
    encode them twice), composed (NFC), lower case, without links, keycaps and the selectors that make a sign an emoji.
    A link ends at a blank, or where its domain ends before a letter of another script. -#}
{% macro plain_text(text) -%}
{%- set domain = '(?:[a-z0-9.:@_%-]+|[\\\\pL\\\\pM\\\\pN.:@_%-]+)' -%}
{%- set path = '[!-~\\\\pL\\\\pM\\\\pN]*' -%}
{%- set with_scheme = '(?:https?://|www\\\\.)' ~ domain ~ '(?:[/?#]' ~ path ~ ')?' -%}
{%- set without_scheme = '(?:[a-z0-9_-]+\\\\.)+[a-z]{2,}(?::[0-9]+)?[/?]' ~ path -%}
{%- set keycap = '[0-9#*]\\\\x{FE0F}?\\\\x{20E3}' -%}
replaceRegexpAll(
    replaceRegexpAll(
        lowerUTF8(normalizeUTF8NFC(toValidUTF8(decodeHTMLComponent(decodeHTMLComponent(coalesce({{ text }}, '')))))),
        '{{ with_scheme }}|{{ without_scheme }}|{{ keycap }}', ' '
    ),
    '[\\x{FE0E}\\x{FE0F}]', ''
)
{%- endmacro %}
