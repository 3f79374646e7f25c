-- Followers seen within a day whose picture is not stored; those with most followers first. The feed of edges has no
-- address of the picture, so the crawler looks it up by the profile's id.
select
    edge.source_profile_id as entity,
    0 as priority
from stg_beat_profile_relationship_log as edge
where
    edge.platform = 'INSTAGRAM'
    and edge.relationship_type = 'follower'
    and edge.seen_at > {as_of:DateTime64(6, 'UTC')} - interval 1 day
    and edge.source_profile_id not in (
        select entity_id from stg_beat_asset_log where platform = 'INSTAGRAM' and entity_type = 'PROFILE'
    )
order by ifNull(edge.source_followers, 0) desc, edge.seen_at desc, entity
limit 1 by entity
