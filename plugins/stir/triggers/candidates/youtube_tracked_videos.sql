-- Tracked channels whose uploads are due. Their due time is made of the attempts of the playlist flow, which is asked.
select
    channel_id as entity,
    priority,
    cool_down_days * 86400 as cool_down_seconds,
    concat('UU', substring(channel_id, 3)) as playlist_id
from mart_youtube_tracked_profiles
where next_videos_attempt <= {as_of:DateTime64(6, 'UTC')}
order by priority, next_videos_attempt, channel_id
