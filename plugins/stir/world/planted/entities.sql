-- Every account and channel that something was planted on: kind, source, entity, detail. A view over the closed forms,
-- so that it costs no storage and always speaks of the present end of the world.
create or replace view world.planted as
with
    (select toInt64(toUnixTimestamp(end)) from world.parameters order by revision desc limit 1) as world_end,
    seen as (
        select
            *,
            if(platform = 'INSTAGRAM', 'beat_replica.instagram_account', 'beat_replica.youtube_account') as home,
            concat('at ', world_iso(renamed_at), ' from ', first_handle, ' to ', next_handle) as renaming,
            creator % 61 = 4 and platform = 'INSTAGRAM' and next_handle != first_handle
                and next_handle not like 'the.%' as is_taker
        from world.account
        where born_at <= world_end and greatest(born_at, horizon) < deleted_at
    )
select
    tupleElement(fact, 1) as kind,
    tupleElement(fact, 2) as source,
    account_id as entity,
    tupleElement(fact, 3) as detail
from seen
array join arrayFilter(fact -> fact.4, [
    ('account deleted', home, world_iso(deleted_at), deleted_at <= world_end),
    ('account gone quiet', home, world_iso(quiet_at), quiet_at <= world_end and quiet_at > born_at),
    ('account opened while watched', home, world_iso(born_at), born_at > start),
    ('account private', home, '', is_private),
    ('account renamed', home, renaming, renamed_at <= world_end and renamed_at < deleted_at),
    ('account took over a handle', home, renaming, renamed_at <= world_end and renamed_at < deleted_at and is_taker),
    ('account without row (orphan)', home, '', is_unknown),
    ('category unknown', home, category, known_category is null),
    ('country unknown', home, country, known_country is null),
    ('followers zero', home, '', base = 0),
    ('followers crawled, some fake', 'beat_replica.profile_relationship_log',
        concat(toString(world_fake_percent(key)), ' of 100'), world_is_crawled(key, platform, born_at, start)),
    ('followers jump', home, concat(world_iso(jump_at), ' by ', toString(toInt64(floor(100 * jump))), ' %'),
        jump > 0 and jump_at <= world_end and jump_at < deleted_at),
    ('language unknown', home, language, known_language is null),
    ('impossible values', 'events', '', is_broken),
    ('month without snapshots', 'events.profile_log_events', concat('every sixth, remainder ', toString(gap_month)),
        gap_month >= 0),
    ('number of posts planned', 'events.post_log_events', toString(post_limit), post_limit < 1000000),
    ('posts share a publish time', 'events.post_log_events', '', post_group > 1),
    ('profile type unknown', home, '', profile_type is null),
    ('subscriber count hidden', home, '', is_hidden),
    ('tied with the account before', home, '', creator % 37 = 5)]
) as fact;

-- Posts that went viral: 25 times what their quality would have brought.
create or replace view world.viral_posts as
select account_id, shortcode, published_at, format
from world.post_readings(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where is_viral and reading = 1;
