{#- Text that is another one after something was written to one of the models' tables: its id, which a build by exchange
    changes, and the newest block of each partition, which inserts and swaps change and merges do not. Of a table that
    is no MergeTree (a Distributed one has its parts elsewhere) nothing is known, and the text is new each time. -#}
{% macro written_state(models) -%}
    {%- set states = [] -%}
    {%- if not execute or model.resource_type != 'model' -%}{{- return('') -}}{%- endif -%}
    {%- for name in models -%}
        {%- set relation = ref(name) -%}
        {%- set database, table = quote_text(relation.schema), quote_text(relation.identifier) -%}
        {%- set found -%}
select toString((
    (
        select if(engine like '%MergeTree', uuid, generateUUIDv4())
        from system.tables
        where database = {{ database }} and name = {{ table }}
    ),
    (
        select arraySort(groupArray(newest))
        from (
            select (partition_id, max(max_block_number)) as newest
            from system.parts
            where active and database = {{ database }} and table = {{ table }}
            group by partition_id
        )
    )
))
        {%- endset -%}
        {%- do states.append(run_query(found).rows[0][0] | string) -%}
    {%- endfor -%}
    {{- return(states | join(' ')) -}}
{%- endmacro %}
