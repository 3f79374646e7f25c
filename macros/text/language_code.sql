{#- ISO 639-1 code of a language given as a code, a BCP-47 tag or an English name; NULL when it is none of them. -#}
{% macro language_code(value) -%}
    coalesce(
        if(
            lower(splitByChar('-', coalesce({{ value }}, ''))[1]) in (select code from {{ ref('language_name') }}),
            lower(splitByChar('-', coalesce({{ value }}, ''))[1]),
            null
        ),
        {{ look_up(value, 'language_name', 'name', 'code') }}
    )
{%- endmacro %}
