-- Who owns the posts, as scraped. A post that nobody has scraped yet gives no row, and is asked for again.
select shortcode, profile_id, lower(handle) as handle, toString(updated_at) as seen_at
from stg_beat_instagram_post final
where shortcode in {keys:Array(String)} and profile_id is not null
