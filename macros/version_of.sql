{#- Version of a row made from events: logic revision · 2^48 + the greatest ingestion time of those events in ms.
    Raise the revision when the formulas change and rebuild: the new rows then win over all old ones. -#}
{% macro version_of(ingested_at) -%}
    {%- set revision = 1 -%}
    toUInt64({{ revision }} * 281474976710656 + toUnixTimestamp64Milli(toDateTime64({{ ingested_at }}, 3, 'UTC')))
{%- endmacro %}
