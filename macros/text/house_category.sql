{#- The house's category for a word of a vocabulary (seed category_mapping: youtube, vendor or manual). -#}
{% macro house_category(value, vocabulary) -%}
    {{ look_up(value, 'category_mapping', 'source_value', 'category', "vocabulary = '" ~ vocabulary ~ "'") }}
{%- endmacro %}
