{#- The place of an event's delivery in the order of deliveries (delivery_order); `columns` are those of `feed` that a
    delivery may change and that the model reads. -#}
{% macro order_of_event(columns) -%}
    {{ delivery_order('feed.insert_timestamp', 'CRC32(feed.metrics)', 'feed.' ~ columns | join(', feed.')) }}
{%- endmacro %}
