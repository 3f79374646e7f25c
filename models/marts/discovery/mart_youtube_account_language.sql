{{ config(order_by='channel_id', tags=['daily']) }}

-- Grain: one row per channel_id whose videos are mostly spoken in one language: more than half of those with speech,
-- at least 5 of them. Regional tags count with their language (en-IN is en); zxx is no speech.
with spoken as (
    select
        assumeNotNull(post.channel_id) as channel_id,
        lower(splitByChar('-', post.audio_language)[1]) as language
    from {{ ref_latest('stg_beat_youtube_post', 'post') }}
    where post.channel_id is not null and post.audio_language is not null
),

per_language as (
    select channel_id, language, count() as videos, sum(videos) over (partition by channel_id) as spoken_videos
    from spoken
    where language in (select known.code from {{ ref('language_name') }} as known)
    group by channel_id, language
)

select
    channel_id,
    assumeNotNull(language) as language,
    videos as language_videos,
    spoken_videos,
    videos / spoken_videos as language_ratio
from per_language
where spoken_videos >= {{ var('language_min_posts') }} and videos > spoken_videos / 2
