{#- Places and their weights by the name of the city alone, lower case: what stands before the first comma. -#}
{% macro pool_cities(weights) -%}
    {{ pool_names(weights, "lowerUTF8(trimBoth(splitByChar(',', name)[1]))") }}
{%- endmacro %}
