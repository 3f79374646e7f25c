{#- Which profile a handle means: one row per handle. While two profiles show one handle, the one that changed last owns
    it, then the greater id. -#}
{% macro select_handle_owners() -%}
select
    assumeNotNull(account.handle) as handle,
    account.profile_id,
    account.updated_at
from {{ ref_latest('stg_beat_instagram_account', 'account') }}
where account.handle is not null
{{ keep_latest('handle', 'updated_at', ties=['profile_id']) }}
{%- endmacro %}
