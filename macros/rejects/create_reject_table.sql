{#- Makes the table of what staging sets aside, before it is first written to. -#}
{% macro create_reject_table() -%}
    {%- if execute and find_reject_rules(model.name) -%}
    create table if not exists {{ reject_table() }} {{ on_cluster_clause(this) }}
    (
        source_table String comment 'Source table, with its database',
        outcome LowCardinality(String) comment 'read, refused, replaced (an older delivery of a key) or emptied (a value set to NULL)',
        reason LowCardinality(String) comment 'Why; empty for what was read',
        day Date comment 'Day of ingestion, UTC',
        row_count UInt64 comment 'Rows; 0 where a count has been taken back',
        example_key String comment 'Least key among the rows',
        counted_at DateTime64(6, 'UTC') comment 'as_of() of the run that counted; the newest holds'
    )
    engine = {{ replicate_engine('ReplacingMergeTree(counted_at)') }}
    order by (source_table, outcome, reason, day)
    -- A run reads the days of one source.
    settings index_granularity = 256
    {%- endif -%}
{%- endmacro %}
