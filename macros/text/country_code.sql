{#- ISO 3166 alpha-2 code of a country given as a code or as an English name; NULL when it is neither. -#}
{% macro country_code(value) -%}
    coalesce(
        if(
            upper({{ value }}) in (select code from {{ ref('country_name') }}),
            upper({{ value }}),
            null
        ),
        {{ look_up(value, 'country_name', 'name', 'code') }}
    )
{%- endmacro %}
