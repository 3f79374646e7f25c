{#- First value of a field in a language model's JSON answer, which gives one text, a list, or a text of several values
    between separators (a regular expression). -#}
{% macro first_answer(json, field, separators='/') -%}
    {%- set value -%}
    if(
        JSONType({{ json }}, '{{ field }}') = 'Array',
        JSONExtractString({{ json }}, '{{ field }}', 1),
        JSONExtractString({{ json }}, '{{ field }}')
    )
    {%- endset -%}
    {{ clean_text("splitByRegexp('" ~ separators ~ "', " ~ value ~ ")[1]") }}
{%- endmacro %}
