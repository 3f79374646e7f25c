{#- The greatest number that a counter, an amount or a weight of a feed can have: beyond it a JSON number is no longer
    exact, and nothing that people do on a platform comes near it. -#}
{% macro greatest_count() -%}
    9000000000000000
{%- endmacro %}
