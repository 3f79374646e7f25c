{#- Days of ingestion of which the model's source has more rows than were counted (record_rejects): rows that say an old
    time of ingestion came since the last run. No watermark sees them. A table that is built whole is counted again also
    where its source has fewer. A source's projection `arrivals` (stir.sources.layout) has the counts of its days. -#}
{% macro list_late_days() -%}
    {%- set rules = find_reject_rules(model.name) -%}
    select day
    from (
        select toDate({{ rules.ingested_at }}) as day, count() as received, 0 as counted
        from {{ rules.source }} as feed
        where {{ rules.scope or 'true' }}
        group by day
        union all
        select day, 0 as received, row_count as counted
        from {{ reject_table() }} final
        where source_table = '{{ name_source(rules) }}' and outcome = 'read'
    )
    group by day
    having sum(received) {{ '>' if model.config.materialized == 'incremental' else '!=' }} sum(counted)
{%- endmacro %}
