{#- The kinds of orders that are counted for a link. -#}
{% macro list_link_orders() -%}
    {{- return([
        'overall_orders', 'delivered_orders', 'completed_orders', 'leaderboard_overall_orders',
        'leaderboard_delivered_orders', 'leaderboard_completed_orders',
    ]) -}}
{%- endmacro %}
