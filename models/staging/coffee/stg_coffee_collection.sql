{{ config(materialized='view', tags=['collections']) }}

-- Grain: one row per collection_type, id: post and profile collections as one list.
with post_collections as (
    select * from {{ ref('stg_coffee_post_collection') }}
),

profile_collections as (
    select * from {{ ref('stg_coffee_profile_collection') }}
)

select
    'POST' as collection_type,
    id,
    share_id,
    partner_id,
    job_id,
    source_id,
    name,
    source,
    disabled_metrics,
    created_by,
    budget,
    is_enabled,
    starts_at,
    ends_at,
    created_at,
    updated_at
from post_collections
union all
select
    'PROFILE' as collection_type,
    toString(id) as id,
    share_id,
    partner_id,
    job_id,
    source_id,
    name,
    source,
    disabled_metrics,
    created_by,
    cast(null as Nullable(Int64)) as budget,
    is_enabled,
    cast(null, 'Nullable(DateTime64(6, ''UTC''))') as starts_at,
    cast(null, 'Nullable(DateTime64(6, ''UTC''))') as ends_at,
    created_at,
    updated_at
from profile_collections
