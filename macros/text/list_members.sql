{#- The members of a JSON object as pairs (name, text) in its order, without those that are null; none of a broken
    document or of anything that is not an object. -#}
{% macro list_members(document) -%}
    JSONExtractKeysAndValues(if(startsWith(trimLeft({{ document }}), '{'), {{ document }}, ''), 'String')
{%- endmacro %}
