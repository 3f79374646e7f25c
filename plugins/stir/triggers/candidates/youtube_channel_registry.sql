-- Every channel that the application, the crawler or the subscription graph knows.
select distinct channel_id
from (
    select channel_id from stg_coffee_view_youtube_account_lite
    union all
    select channel_id from stg_beat_youtube_account
    union all
    select channel_id from mart_youtube_subscriber
)
where match(channel_id, '^UC[A-Za-z0-9_-]{22}$')
order by channel_id
