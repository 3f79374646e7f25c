{#- Rows of a model of several feeds that an incremental run has not seen yet by one of them. Every feed has a watermark
    of its own: a common one would be that of the feed that is ahead, and hide what the others bring.
    `columns` are the row's ingestion times by feed, under the same names in {{ this }}; NULL where a feed said nothing.
    The rest is as in ingested_since. -#}
{% macro any_ingested_since(columns, target_filter='true') -%}
    (
        {%- for column in columns %}
        {{ 'or ' if not loop.first }}({{ ingested_since(column, column, target_filter) }})
        {%- endfor %}
    )
{%- endmacro %}
