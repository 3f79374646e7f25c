{#- Regular expression of text in the scripts that put no blanks between words. -#}
{% macro unspaced_run() -%}
    [{% for script in [
        'Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Thai', 'Lao', 'Khmer', 'Myanmar', 'Tibetan', 'Tai_Tham', 'New_Tai_Lue',
        'Tai_Le', 'Tai_Viet', 'Javanese', 'Balinese', 'Yi'
    ] %}\\p{{ '{' ~ script ~ '}' }}{% endfor %}ー々〆]+
{%- endmacro %}
