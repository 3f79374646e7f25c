{#- Which profile a handle means: one row per handle. While two profiles show one handle, the one that changed last owns
    it, then the greater id. -#}
{% macro select_handle_owners() -%}
select
    assumeNotNull(handle) as handle,
    profile_id,
    updated_at
from {{ ref_latest('stg_beat_instagram_account') }}
where handle is not null
{{ keep_latest('handle', 'updated_at', ties=['profile_id']) }}
{%- endmacro %}
