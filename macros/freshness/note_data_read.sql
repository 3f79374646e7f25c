{#- Notes, before a model is built, up to which moment of each feed its parents have data: what a parent gets while the
    model is being built may or may not be in it. Of two ways from a feed to the model the newer one counts. -#}
{% macro note_data_read() -%}
    {%- if execute and notes_its_data(model) and not name_feed(model) | trim -%}
    {%- set moment = "toDateTime64('" ~ modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f')
        ~ "', 6, 'UTC')" -%}
    insert into {{ freshness_table() }} (model, is_built, feed, newest_at, as_of, recorded_at)
    select '{{ model.name }}', false, feed, max(newest_at), {{ as_of() }}, {{ moment }}
    from (
        select '' as feed, toDateTime64(0, 6, 'UTC') as newest_at
        {%- set parents = list_built_parents(model) %}
        {%- if parents %}
        union all
        select feed, newest_at
        from {{ freshness_table() }}
        where is_built and feed != '' and (model, recorded_at) in (
            select model, max(recorded_at)
            from {{ freshness_table() }}
            where is_built and model in {{ quote_words(parents) }}
            group by model
        )
        {%- endif %}
    )
    group by feed
    {%- endif -%}
{%- endmacro %}
