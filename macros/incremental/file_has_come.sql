{#- Whether the file that comes on a day was there at the run's moment (var files_arrive_hour, UTC): for feeds that
    tell a day and no time of ingestion. Views ask as well, to count what the tables of their run count. -#}
{% macro file_has_come(day) -%}
    toDateTime({{ day }}, 'UTC') + interval {{ var('files_arrive_hour') }} hour <= {{ as_of() }}
{%- endmacro %}
