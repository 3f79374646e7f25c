{#- How many runs of a text are in scripts without blanks between words, outside hashtags, mentions and links: keywords
    leave them out, and this says how much that is. -#}
{% macro count_unspaced_runs(text) -%}
    toUInt32(countMatches({{ without_tags(plain_text(text)) | indent(4) }}, '{{ unspaced_run() }}'))
{%- endmacro %}
