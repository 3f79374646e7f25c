{#- A link as the click counter knows it: without scheme and closing slash; NULL for none. -#}
{% macro link_key(link) -%}
    nullIf(replaceRegexpAll(trimBoth({{ link }}), '^[A-Za-z][A-Za-z0-9+.-]*://|/+$', ''), '')
{%- endmacro %}
