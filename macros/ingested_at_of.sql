{#- The ingestion time that version_of put into a version. -#}
{% macro ingested_at_of(version) -%}
    fromUnixTimestamp64Milli(toInt64({{ version }} % 281474976710656), 'UTC')
{%- endmacro %}
