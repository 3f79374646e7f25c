{#- The counters of a JSON object as one tuple of texts, parsed once. A number and quoted text give the same; a missing
    counter, a broken document and anything that is not an object give NULLs. -#}
{% macro parse_counts(column, names) -%}
    JSONExtract(
        if(startsWith(trimLeft({{ column }}), '{'), {{ column }}, ''),
        'Tuple({% for name in names %}{{ name }} Nullable(String){{ ', ' if not loop.last }}{% endfor %})'
    )
{%- endmacro %}
