{#- Columns of an event by table of events, the time of arrival and the event's id apart, that a delivery may
    change. -#}
{% macro list_delivered(table) -%}
    {%- set shared = ['metrics', 'handle', 'source', 'platform', 'profile_id', 'event_timestamp'] -%}
    {%- set own = {'post_log_events': ['shortcode', 'publish_time'], 'profile_log_events': ['dimensions']} -%}
    {{- return(shared + own[table]) -}}
{%- endmacro %}
