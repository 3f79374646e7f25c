{#- The projection by which stays_in_place() finds the events that came before: their places by a hash of the event's
    id, in granules so small that an id costs some 16 rows. -#}
{% macro project_places(place) -%}
    {{- return({
        'name': 'by_event',
        'query': 'select event_id, ' ~ place | join(', ')
            ~ ' order by cityHash64(event_id)) with settings (index_granularity = 16',
    }) -}}
{%- endmacro %}
