{#- Makes the table of what the orders of links were when we looked (record_link_orders), before it is first written to.
    Not a model: it outlives full refreshes. -#}
{% macro create_link_order_history() -%}
    create table if not exists {{ source('warehouse', 'link_order_history').render() }} {{ on_cluster_clause(this) if execute }}
    (
        link String comment 'Link without scheme and closing slash; empty for a look itself',
        {%- for orders in list_link_orders() %}
        {{ orders }} Int64,
        {%- endfor %}
        observed_at DateTime64(6, 'UTC') comment 'as_of() of the run that looked'
    )
    engine = {{ replicate_engine('ReplacingMergeTree') }}
    order by (link, observed_at)
{%- endmacro %}
