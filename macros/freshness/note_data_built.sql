{#- Notes, when a model is built, which data its table has now: of the table of a feed what stands in it, of any other
    what note_data_read() found before the build. A publisher that looks between the two sees the older note.

    Events are read from the partition of the last note on, so that the history is not read again; an event stamped
    ahead of its arrival counts as of its arrival. -#}
{% macro note_data_built() -%}
    {%- if execute and notes_its_data(model) -%}
    {%- set moment = "toDateTime64('" ~ modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f')
        ~ "', 6, 'UTC')" -%}
    {%- set feed = name_feed(model) | trim -%}
    {%- set is_log = 'event_at' in model.columns -%}
    insert into {{ freshness_table() }} (model, is_built, feed, newest_at, as_of, recorded_at)
    {%- if feed %}
    select '{{ model.name }}', true, feed, max(newest_at), {{ as_of() }}, {{ moment }}
    from (
        select '' as feed, toDateTime64(0, 6, 'UTC') as newest_at
        union all
        select {{ feed }} as feed, {{ 'least(event_at, ingested_at)' if is_log else 'updated_at' }} as newest_at
        from {{ this }}
        where {{ 'ingested_at' if is_log else 'updated_at' }} <= {{ as_of() }}
        {%- if is_log and not flags.FULL_REFRESH %}
            and event_at >= (
                select if(count() = 0, toDateTime64(0, 6, 'UTC'), min(newest_at))
                from {{ freshness_table() }}
                where is_built and feed != '' and as_of <= {{ as_of() }} and (model, recorded_at) in (
                    select model, max(recorded_at)
                    from {{ freshness_table() }}
                    where is_built and model = '{{ model.name }}'
                    group by model
                )
            )
        {%- endif %}
    )
    group by feed
    {%- else %}
    select model, true, feed, newest_at, as_of, {{ moment }}
    from {{ freshness_table() }}
    where not is_built and model = '{{ model.name }}' and recorded_at = (
        select max(recorded_at) from {{ freshness_table() }} where not is_built and model = '{{ model.name }}'
    )
    {%- endif %}
    {%- endif -%}
{%- endmacro %}
