{#- Notes, when a model is built, which data its table has now: of the table of a feed what stands in it, of any other
    what note_data_read() found before the build. A publisher that looks between the two sees the older note.

    The table's projection `newest` has both moments, so that the history is not read again; an event stamped ahead of its
    arrival counts as of its arrival. The row of the build itself carries on the latest as_of() of the builds that the rows
    come from: rows of a later moment stay when a build for an earlier one follows. -#}
{% macro note_data_built() -%}
    {%- if execute and notes_its_data(model) -%}
    {%- set moment = "toDateTime64('" ~ modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f')
        ~ "', 6, 'UTC')" -%}
    {%- set feed = name_feed(model) | trim -%}
    {%- set is_log = 'event_at' in model.columns -%}
    {%- set reached -%}
        {%- if is_incremental() -%}
        greatest({{ as_of() }}, (
            select argMax(greatest(newest_at, as_of), recorded_at)
            from {{ freshness_table() }}
            where is_built and model = '{{ model.name }}' and feed = ''
        ))
        {%- else -%}
        {{ as_of() }}
        {%- endif -%}
    {%- endset -%}
    insert into {{ freshness_table() }} (model, is_built, feed, newest_at, as_of, recorded_at)
    {%- if feed %}
    select '{{ model.name }}', true, feed, max(newest_at), {{ as_of() }}, {{ moment }}
    from (
        select '' as feed, {{ reached }} as newest_at
        union all
        {%- if is_log %}
        select {{ feed }} as feed, newest_event_at as newest_at
        from (
            select platform, max(least(event_at, ingested_at)) as newest_event_at, max(ingested_at) as newest_ingested_at
            from {{ this }}
            group by platform
        )
        where newest_ingested_at <= {{ as_of() }}
        union all
        -- Only where the table is ahead of the run's moment, its rows themselves are asked.
        select {{ feed }} as feed, least(event_at, ingested_at) as newest_at
        from {{ this }}
        where ingested_at <= {{ as_of() }} and platform in (
            select platform from {{ this }} group by platform having max(ingested_at) > {{ as_of() }}
        )
        {%- else %}
        select {{ feed }} as feed, newest_at
        from (select max(updated_at) as newest_at, count() as row_count from {{ this }})
        where row_count > 0 and newest_at <= {{ as_of() }}
        union all
        select {{ feed }} as feed, updated_at as newest_at
        from {{ this }}
        where updated_at <= {{ as_of() }} and (select max(updated_at) > {{ as_of() }} from {{ this }})
        {%- endif %}
    )
    group by feed
    {%- else %}
    select model, true, feed, if(feed = '', {{ reached }}, newest_at), as_of, {{ moment }}
    from {{ freshness_table() }}
    where not is_built and model = '{{ model.name }}' and recorded_at = (
        select max(recorded_at) from {{ freshness_table() }} where not is_built and model = '{{ model.name }}'
    )
    {%- endif %}
    {%- endif -%}
{%- endmacro %}
