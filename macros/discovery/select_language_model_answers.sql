{#- A language model's answers about handles under the source of var `source_var`, the latest per handle: handle,
    event_id, dimensions, answered_at, ingested_at. -#}
{% macro select_language_model_answers(source_var) -%}
select
    assumeNotNull({{ clean_handle('event.profile_id') }}) as handle,
    event.event_id,
    {{ mend_json('event.dimensions') }} as dimensions,
    event.event_timestamp as answered_at,
    event.insert_timestamp as ingested_at
from {{ source('events', 'profile_log_events') }} as event
where
    event.platform = 'INSTAGRAM'
    and event.source = '{{ var(source_var) }}'
    and {{ clean_handle('event.profile_id') }} is not null
    and {{ ingested_until('event.insert_timestamp') }}
    and {{ is_plausible_event('event.event_timestamp', 'event.insert_timestamp') }}
    and isValidJSON({{ mend_json('event.dimensions') }})
{{ keep_latest('handle', 'answered_at', ties=['ingested_at', 'event_id']) }}
{%- endmacro %}
