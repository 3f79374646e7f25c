{#- Rows that an incremental model has not seen yet, by ingestion time: those after W less the look-back, where W is the
    greatest ingestion time in the target, at most the run's moment, so that one row from the future hides nothing.
    W less the look-back is a DateTime64, which knows times before 1970: on an empty target W is 1970, and four hours before
    it a DateTime would wrap round to the year 2106 and leave the model empty for ever. The column stands alone on its
    side, so that ClickHouse can leave out what is stored by it (docs/decisions/0060-increments-read-what-arrived.md).
    `column` is the row's ingestion time (never NULL), `target_column` the same in {{ this }}, and `target_filter` the
    part of the target that the rows feed.
    Staging reads also the days of which its source has more rows than were counted: a row may say an old time
    (list_late_days), which are found once as one value, however often the rows are read.
    Of a source whose owner says what prunes (`meta.prunes`), only what can have come since then is looked at.
    Nothing that came after the run's moment is read, so that a past day can be built again. -#}
{% macro ingested_since(column, target_column=none, target_filter='true') -%}
    {{ ingested_until(column) }}
    {%- if is_incremental() %}
    {#- Of coalesce(a, b) the table is stored by a, and ClickHouse uses its order for nothing but a itself. -#}
    {%- set stored = modules.re.match('^coalesce[(]([a-z_.]+),', column) %}
    {%- set watermark -%}
            select
                toDateTime64(least(ifNull(max({{ target_column or column }}), toDateTime(0, 'UTC')), {{ as_of() }}), 6, 'UTC')
                - interval {{ look_back_hours() }} hour
            from {{ this }}
            where {{ target_filter }}
    {%- endset %}
    {#- In a unit test `this` is the name of a CTE. -#}
    {%- set reads_late_days = this is not string and list_reject_rules(model.name) and not reads_a_part() -%}
    {%- if reads_late_days -%}
    {%- set first_late_day -%}
            select toDateTime64(ifNull(minOrNull(day), toDate('2149-01-01')), 6, 'UTC') from ({{ list_late_days() }})
    {%- endset -%}
    {%- endif -%}
    {%- for moment in [column] + ([stored.group(1)] if stored else []) %}
    and (
        {{ moment }} > (
            {{ watermark }}
        )
        {%- if reads_late_days %}
        {%- if loop.first %}
        or toDate({{ moment }}) in (select arrayJoin((select groupArray(day) from ({{ list_late_days() }}))))
        {%- else %}
        {#- Of a column with NULL only a range is looked up in the order. -#}
        or {{ moment }} >= (
            {{ first_late_day }}
        )
        {%- endif %}
        {%- endif %}
        {%- if not loop.first %}
        or {{ moment }} is null
        {%- endif %}
    )
    {%- endfor %}
    {%- if reads_late_days %}
    {%- set earliest = '(select least((' ~ watermark ~ '), (' ~ first_late_day ~ ')))' %}
    and {{ arrived_since(find_reject_rules(model.name).source, earliest) }}
    {%- endif %}
    {%- endif -%}
{%- endmacro %}
