{#- Orders of each link as they were at as_of(), so far as we had looked by then (record_link_orders); without a row
    where we had not. A total that could not be (-1) leaves the level before it, or nothing where there was none. One row per link, and one of an empty link. -#}
{% macro select_link_orders() -%}
    select
        link
        {%- for orders in list_link_orders() %},
        argMax(nullIf(seen.{{ orders }}, -1), seen.observed_at) as {{ orders }}
        {%- endfor %}
    from {{ source('warehouse', 'link_order_history') }} as seen
    where {{ ingested_until('seen.observed_at') }}
    group by link
{%- endmacro %}
