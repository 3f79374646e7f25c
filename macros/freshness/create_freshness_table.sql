{#- Creates the table of what builds have seen, before it is first written to. -#}
{% macro create_freshness_table() -%}
    {%- if execute and notes_its_data(model) -%}
    create table if not exists {{ freshness_table() }} {{ on_cluster_clause(this) }}
    (
        model LowCardinality(String) comment 'Model that was built',
        is_built Bool comment 'False while the build runs, true for the rows of the finished table',
        feed String comment 'Source table, with the platform where the feed carries several; empty marks the build itself',
        newest_at DateTime64(6, 'UTC') comment 'Newest moment of the feed in the table; of the build itself, the latest as_of() behind a row',
        as_of DateTime64(6, 'UTC') comment 'as_of() of the build',
        recorded_at DateTime64(6, 'UTC') comment 'When the build noted this; of a model only the newest rows count'
    )
    engine = {{ replicate_engine('ReplacingMergeTree(recorded_at)') }}
    order by (model, is_built, feed)
    {%- endif -%}
{%- endmacro %}
