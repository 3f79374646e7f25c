{#- Whose followers were analysed under which handle, one row per creator_handle; for a query with the CTE `features`.
    Handles pass from one profile to another: the profile is the one whose collected followers are those analysed, and
    only where none were collected the handle's owner today. -#}
{% macro select_analysed_creators() -%}
select creator_handle, profile_id
from (
    select
        features.creator_handle as creator_handle,
        edge.target_profile_id as profile_id,
        uniqExact(features.follower_handle) as matches
    from features
    inner join {{ ref_latest('stg_beat_profile_relationship_log', 'edge') }}
        on features.creator_handle = edge.target_handle and features.follower_handle = edge.source_handle
    where edge.platform = 'INSTAGRAM' and features.rules_version = 0
    group by creator_handle, profile_id
    union all
    select handle as creator_handle, profile_id, 0 as matches
    from ({{ select_handle_owners() | indent }})
    where handle in (select features.creator_handle from features)
)
{{ keep_latest('creator_handle', 'matches', ties=['profile_id']) }}
{%- endmacro %}
