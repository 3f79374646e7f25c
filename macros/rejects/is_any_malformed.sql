{#- One of the documents of the row is no JSON as it came, so that a member of it, or all of it, is lost. -#}
{% macro is_any_malformed(columns) -%}
    {% for column in columns %}{{ ' or ' if not loop.first }}not isValidJSON(feed.{{ column }}){% endfor %}
{%- endmacro %}
