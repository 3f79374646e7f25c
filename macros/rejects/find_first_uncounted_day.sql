{#- The first day of ingestion whose rows are to be counted, as text: of those of which the source has more rows than
    were counted (a table that is built whole: other rows); of the last two days also one that has fewer now, or of which
    rows were refused because their time had not come. 1970-01-01 where nothing was counted, none where there is nothing
    to count. -#}
{% macro find_first_uncounted_day(rules) -%}
    {%- set name = name_source(rules) -%}
    {%- set found -%}
with (
    select groupArray((day, received, counted, awaited, was_counted))
    from (
        select
            day,
            sum(received) as received,
            sum(counted) as counted,
            max(awaited) as awaited,
            max(was_counted) as was_counted
        from (
            select toDate({{ rules.ingested_at }}) as day, count() as received, 0 as counted, 0 as awaited, 0 as was_counted
            from {{ rules.source }} as feed
            where {{ rules.scope or 'true' }}
            group by day
            union all
            select day, 0, if(outcome = 'read', row_count, 0), outcome = 'refused' and row_count > 0, outcome = 'read'
            from {{ reject_table() }} final
            where
                source_table = '{{ name }}'
                and outcome in ('read', 'refused')
                and reason in ('', 'future_timestamp')
        )
        group by day
    )
) as days
select
    arrayExists(each -> each.5, days),
    least(arrayMax(each -> if(each.5, each.1, toDate(0)), days), toDate({{ as_of() }})) - 1 as last_days,
    arrayFilter(
        each ->
            each.2 {{ '>' if model.config.materialized == 'incremental' else '!=' }} each.3
            or each.1 >= last_days and (each.2 != each.3 or each.4),
        days
    ) as uncounted,
    length(uncounted),
    toString(arrayMin(arrayPushBack(uncounted.1, toDate('2149-01-01'))))
    {%- endset -%}
    {%- set row = run_query(found).rows[0] -%}
    {%- if row[0] | int == 0 -%}{{- return('1970-01-01') -}}{%- endif -%}
    {{- return((row[4] | string) if row[3] | int > 0 else none) -}}
{%- endmacro %}
