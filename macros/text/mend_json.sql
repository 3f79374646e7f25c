{#- A JSON document without what no parser reads, so that one bad member does not lose the others: a number that is too
    great, NaN and bare words become text, text that is no Unicode becomes empty, a comma before a bracket and a
    byte-order mark go, and so does what is nested deeper than 64. A document that is good, or cannot be mended, stays as
    it is. -#}
{% macro mend_json(document) -%}
    if(isValidJSON({{ document }}) or {{ document }} = '', {{ document }}, {{ rebuild_json(document) }})
{%- endmacro %}
