{#- An id that we did not give, or other text that PostgreSQL keeps in a key or an index, without blanks around it.
    A row of an index takes 2,704 bytes, so that one of more than 255 bytes is no usable id: NULL, as is an empty
    one, one that is no valid UTF-8, or one with a NUL byte. -#}
{% macro clean_key(column) -%}
    if(
        length(trimBoth({{ column }})) between 1 and 255
        and isValidUTF8({{ column }})
        and position({{ column }}, '\0') = 0,
        trimBoth({{ column }}),
        null
    )
{%- endmacro %}
