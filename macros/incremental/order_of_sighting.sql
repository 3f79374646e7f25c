{#- The place of an event in the order of what was seen of a thing (delivery_order): by the time of the event, then by
    its arrival, then by a hash of its `columns`, the columns of `event` that the model reads. -#}
{% macro order_of_sighting(columns) -%}
    {{ delivery_order(
        'event.event_timestamp', 'toUnixTimestamp(event.insert_timestamp)', 'event.' ~ columns | join(', event.')
    ) }}
{%- endmacro %}
