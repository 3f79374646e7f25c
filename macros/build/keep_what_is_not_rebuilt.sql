{#- Completes the table of a backfill, which holds the rows of its days, with all other rows of the live table, so that
    models which read it see the whole. Partitions without such days are attached, which copies nothing; of the others
    the rows of other days are copied. A table without partitions has one, `all`. -#}
{% macro keep_what_is_not_rebuilt(filled, live, column) -%}
    {%- set touched -%}
        select distinct _partition_id from {{ filled }}
        union distinct
        select distinct _partition_id from {{ live }} where {{ is_rebuilt(column) }}
    {%- endset -%}
    {%- set partitions = run_query(
        'select distinct _partition_id as partition, _partition_id in (' ~ touched ~ ') from ' ~ live ~ ' order by 1'
    ) -%}
    {%- for partition, is_touched in partitions -%}
        {%- if not is_touched -%}
            {%- do run_query(
                'alter table ' ~ filled ~ " attach partition id '" ~ partition ~ "' from " ~ live
            ) -%}
        {%- else -%}
            {%- do run_query(
                'insert into ' ~ filled ~ ' select * from ' ~ live
                ~ " where _partition_id = '" ~ partition ~ "' and not " ~ is_rebuilt(column)
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
