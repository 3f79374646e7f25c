{#- What a member of a JSON document says, whether its sender wrote it as text or as a number; empty where it is
    absent, null or false. -#}
{% macro member_text(document, member) -%}
    {%- set kind -%}
        toString(JSONType({{ document }}, '{{ member }}'))
    {%- endset -%}
    multiIf(
        {{ kind }} = 'String', JSONExtractString({{ document }}, '{{ member }}'),
        {{ kind }} = 'Null' or JSONExtractRaw({{ document }}, '{{ member }}') = 'false', '',
        JSONExtractRaw({{ document }}, '{{ member }}')
    )
{%- endmacro %}
