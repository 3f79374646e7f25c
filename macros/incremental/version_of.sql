{#- Version of a row made from events: logic revision · 2^48 + the greatest ingestion time of those events in ms, of a
    row made from several feeds the sum of each feed's. The greatest over all feeds would be that of the feed that is ahead,
    and a row that lacks what a slower one brought since would have the version of the row that has it.
    Raise the revision when the formulas change and rebuild: the new rows then win over all old ones. -#}
{% macro version_of(feeds) -%}
    {%- set revision = 1 -%}
    toUInt64(
        {{ revision }} * {{ version_revision() }}
        {%- for ingested_at in ([feeds] if feeds is string else feeds) %}
        + ifNull(toUnixTimestamp64Milli(toDateTime64({{ ingested_at }}, 3, 'UTC')), 0)
        {%- endfor %}
    )
{%- endmacro %}
