{#- Rows that an incremental model has not seen yet, by ingestion time: those after W less the look-back, where W is the
    greatest ingestion time in the target, at most the run's moment, so that one row from the future hides nothing.
    The look-back is added to the row, not taken from W: on an empty target W is 1970 and W minus four hours would wrap
    round to the year 2106 and leave the model empty for ever.
    `column` is the row's ingestion time (never NULL), `target_column` the same in {{ this }}, and `target_filter` the
    part of the target that the rows feed.
    Staging reads also the days of which its source has more rows than were counted: a row may say an old time
    (list_late_days), which are found once as one value, however often the rows are read.
    Nothing that came after the run's moment is read, so that a past day can be built again. -#}
{% macro ingested_since(column, target_column=none, target_filter='true') -%}
    {{ ingested_until(column) }}
    {%- if is_incremental() %}
    and (
        {{ column }} + interval {{ look_back_hours() }} hour > (
            select least(ifNull(max({{ target_column or column }}), toDateTime(0, 'UTC')), {{ as_of() }})
            from {{ this }}
            where {{ target_filter }}
        )
        {#- In a unit test this is the name of a CTE. -#}
        {%- if this is not string and list_reject_rules(model.name) and not reads_a_part() %}
        or has((select groupArray(day) from ({{ list_late_days() }})), toDate({{ column }}))
        {%- endif %}
    )
    {%- endif -%}
{%- endmacro %}
