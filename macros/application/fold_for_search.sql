{#- A text in lower case, Indic scripts in Latin letters, without accents. The steps are those of
    plugins/stir/app/folding.py; stir/authenticity/transliterate.py says what the marks 1 to 4 mean. -#}
{% macro fold_for_search(text) -%}
{%- set steps = [
    ['[\\x01\\x04]\\x02', ''],
    ['[\\x01\\x04]\\x03', '\\x03'],
    ['\\x03([a-z]+)\\x01', '\\\\1a'],
    ['\\x01([^a-z]|$)', '\\\\1'],
    ['[\\x01\\x04]', 'a'],
    ['[\\x02\\x03]', ''],
] -%}
replaceRegexpAll(normalizeUTF8NFD(
    {{ 'replaceRegexpAll(' * steps | length }}
        arrayStringConcat(arrayMap(
            letter -> {{ latin_letter('letter') | indent(12) }},
            extractAll(lowerUTF8(normalizeUTF8NFKC({{ text }})), '(?s).')
        ))
    {%- for pattern, replacement in steps %},
        '{{ pattern }}', '{{ replacement }}')
    {%- endfor %}
), '\\p{Mn}+', '')
{%- endmacro %}
