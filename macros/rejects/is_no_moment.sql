{#- The member of a JSON document says something, and it is no moment that can be. -#}
{% macro is_no_moment(document, member) -%}
    ({{ member_text(document, member) }} != '' and {{ parse_time(member_text(document, member)) }} is null)
{%- endmacro %}
