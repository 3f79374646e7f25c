{{
    config(
        materialized='incremental',
        engine='ReplacingMergeTree(updated_at)',
        order_by='shortcode',
        unique_key='shortcode',
        projections=[project_newest('updated_at')],
        settings=merges_projections(),
        tags=['weekly'],
    )
}}

-- Grain: one row per shortcode for readers (ref_latest). A post without hashtags has a row with none, so that tags
-- removed from a caption go away.
select
    post.shortcode as shortcode,
    post.profile_id as profile_id,
    {{ find_hashtags('post.caption') }} as hashtags,
    post.published_at as published_at,
    post.updated_at as updated_at
from {{ ref_latest('stg_beat_instagram_post', 'post') }}
where
    coalesce(post.post_type, '') != 'story'
    and {{ ingested_since('post.updated_at', 'updated_at') }}
