{#- The events of posts in a relation of stg_beat_post_log's columns, with the day they fall on, for
    mart_collection_post_observation. -#}
{% macro select_post_events(relation) -%}
    select
        platform,
        shortcode as post_shortcode,
        toDate(event_at, '{{ var("time_zone") }}') as date,
        {{ event_position() }} as position,
        profile_id,
        handle,
        {%- for counter in list_post_counters() %}
        {{ 'saved' if counter == 'saves' else counter }} as {{ counter }},
        {%- endfor %}
        reach,
        impressions,
        event_at,
        ingested_at,
        _version as delivery,
        cityHash64(platform, post_shortcode, date) as day_hash
    from {{ relation }}
    where {{ ingested_until('ingested_at') }} and event_at <= {{ as_of() }} and {{ in_slice('date') }}
{%- endmacro %}
