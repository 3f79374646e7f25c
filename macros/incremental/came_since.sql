{#- Whether a row came after the last build of a table of carry_over(), by its time of ingestion, with look-back. -#}
{% macro came_since(column) -%}
    {{ column }} > (
        select max(computed_as_of) - interval {{ look_back_hours() }} hour
        from {{ this }}
    )
{%- endmacro %}
