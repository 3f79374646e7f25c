-- Videos that are neither called short nor long, newest first. What is known of a video decides, so a change asks again.
select
    shortcode as entity,
    0 as priority,
    hex(cityHash64(ifNull(title, ''), ifNull(duration_seconds, 0), ifNull(thumbnail, ''))) as content_hash
from stg_beat_youtube_post
where ifNull(post_type, '') not in ('short', 'video')
order by published_at desc nulls last, entity
