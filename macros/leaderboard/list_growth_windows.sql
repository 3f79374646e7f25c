{#- The windows of growth, once for both platforms: their length in days, and how many days old the snapshot may be that
    stands for the level at one of their ends. Snapshots come daily at best and weekly of old accounts. -#}
{% macro list_growth_windows() -%}
    {{ return({7: 3, 30: 7, 90: 14, 365: 30}) }}
{%- endmacro %}
