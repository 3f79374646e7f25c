{#- Of an event's deliveries those that say the same time, post and profile as the first: an event keeps them for ever,
    and a delivery that says another is set aside (conflicting_key in docs/rejects.md). The first is the least in the
    order of deliveries; for a later run it is what the table holds, so only the ids that came are looked up, in the
    projection by_event, which is ordered by their hash.
    `rows` is the CTE of what may be staged; `candidates` one with the same keys before the counters are looked at, which
    costs less to read. Only ids that come with two places, distinguished by a hash, are put in order: they are few, and as
    one value they are found once, however often they are asked for. -#}
{% macro stays_in_place(rows, candidates, place) -%}
    {%- set key_hash = 'cityHash64(event_id)' -%}
    {%- set place_hash = 'cityHash64(' ~ place | join(', ') ~ ')' -%}
    {%- if is_incremental() -%}
        {%- set stored = this -%}
        {%- if keeps_projection(this, 'by_event') -%}
            {%- set stored -%}
                mergeTreeProjection({{ quote_text(this.schema) }}, {{ quote_text(this.identifier) }}, 'by_event')
            {%- endset -%}
        {%- endif -%}
    {%- endif -%}
    {%- set contested -%}
        (
            select groupArray(key)
            from (
                select key
                from (
                    select {{ key_hash }} as key, {{ place_hash }} as place
                    from {{ candidates }}
                    {%- if is_incremental() %}
                    union all
                    select {{ key_hash }} as key, {{ place_hash }} as place
                    from {{ stored }}
                    where {{ key_hash }} in (select {{ key_hash }} from {{ candidates }})
                    {%- endif %}
                )
                group by key
                having min(place) != max(place)
            )
        )
    {%- endset -%}
    (
        {{ key_hash }} not in (select arrayJoin({{ contested }}))
        or (event_id, {{ place_hash }}) in (
            select event_id, argMin(place, delivery)
            from (
                select event_id, {{ place_hash }} as place, _version as delivery
                from {{ rows }}
                where {{ key_hash }} in (select arrayJoin({{ contested }}))
                {%- if is_incremental() %}
                union all
                select event_id, {{ place_hash }} as place, toUInt128(0) as delivery
                from {{ stored }}
                where {{ key_hash }} in (select arrayJoin({{ contested }}))
                {%- endif %}
            )
            group by event_id
        )
    )
{%- endmacro %}
