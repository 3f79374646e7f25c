-- What the campaigns' creators hand in, and what comes of it: the rest of the views of campaign_views.sql.
-- Three quarters of the active have handed something in; a fifth of it in two versions, the first of them rejected.
-- One post in eight is somebody else's.
create or replace view world.campaign_drawn_submission as
with
    shown as (
        select
            assumeNotNull(profile_id) as account, assumeNotNull(shortcode) as code, publish_time,
            ifNull(post_type, 'image') as format
        from beat_replica.instagram_post_simple
        where profile_id is not null and shortcode is not null and publish_time <= world_time({until:Int64})
            and ifNull(post_type, '') != 'story'
    ),
    -- Whose posts are looked at: those of a million creators would be held whole.
    owners as (
        select account_id as account from world.campaign_campaign_profile(start = {start:Int64}, until = {until:Int64})
        union distinct
        select account from (select distinct account from shown order by account limit 50)
    ),
    posts as (
        select account, arraySlice(arrayReverseSort(groupUniqArray((published, code, format))), 1, 5) as newest
        from (
            select account, code, toUnixTimestamp(min(publish_time)) as published, any(format) as format
            from shown
            where account in (select account from owners)
            group by account, code
        )
        group by account
    ),
    others as (select groupArray(newest[1]) as firsts from (select newest from posts order by account limit 50))
select
    application.*,
    if(campaign_kind = 'REFERRAL', 'REFERRAL', 'FINAL_POST') as kind,
    if(kind = 'FINAL_POST' and world_draw(key, 'two versions', 0, 5) = 0, 2, 1) as versions,
    arrayJoin(range(1, versions + 1)) as version,
    application_id * 10 + version as submission_id,
    kind = 'FINAL_POST' and world_draw(key, 'other owner', version, 8) = 0 as is_of_other,
    if(is_of_other,
        others.firsts[1 + world_draw(key, 'whose', version, greatest(length(others.firsts), 1))],
        posts.newest[1 + world_draw(key, 'which', version, greatest(length(posts.newest), 1))]) as post,
    multiIf(
        kind = 'REFERRAL', 'UNDER_REVIEW',
        version < versions, 'REJECTED',
        world_pick(world_draw(key, 'review', 0, 10), [3, 8, 10], ['UNDER_REVIEW', 'APPROVED', 'REJECTED']))
        as review,
    applied + 4 * 86400 + version * 3600 as submitted
from world.campaign_drawn_application(seed = {seed:UInt64}, start = {start:Int64}, until = {until:Int64}) as application
inner join posts on posts.account = application.account_id
cross join others
where application.status in ('ACTIVE', 'COMPLETED') and world_draw(key, 'hands in', 0, 4) > 0
    and submitted + 86400 <= {until:Int64};

create or replace view world.campaign_submission as
select
    submission_id, application_id, kind, version,
    if(kind = 'REFERRAL', null, post.3) as post_format,
    if(kind = 'REFERRAL', null, post.2) as post_shortcode,
    review as status,
    world_time(submitted) as submitted_at,
    if(review = 'UNDER_REVIEW', null, world_time(submitted + 43200)) as reviewed_at
from world.campaign_drawn_submission(seed = {seed:UInt64}, start = {start:Int64}, until = {until:Int64});

-- Seven in ten posts are in the collection; four in ten of those say something else than the review.
create or replace view world.campaign_post_item as
select
    post_collection_id, 'INSTAGRAM' as platform, post.2 as post_shortcode, campaign_profile_id,
    (review != 'REJECTED') != (world_draw(key, 'wrong', 0, 10) < 4) as is_enabled,
    (review = 'APPROVED') != (world_draw(key, 'wrong', 1, 10) < 4) as is_in_report,
    world_time(post.1) as posted_at
from world.campaign_drawn_submission(seed = {seed:UInt64}, start = {start:Int64}, until = {until:Int64})
where kind = 'FINAL_POST' and version = versions and world_draw(key, 'post item', 0, 10) < 7
order by submission_id
limit 1 by post_collection_id, post_shortcode;

create or replace view world.campaign_referral_link as
select
    submission_id as referral_link_id, submission_id, user_id as owner_user_id,
    concat('https://refer.example/', lower(hex(toUInt32(cityHash64(key, submission_id))))) as url
from world.campaign_drawn_submission(seed = {seed:UInt64}, start = {start:Int64}, until = {until:Int64})
where kind = 'REFERRAL';

-- A third of the links was opened by nobody, a third by its owner only, a third by others, too.
create or replace view world.campaign_referral_launch as
select
    submission_id as referral_link_id,
    user_id + 4 * n as user_id,
    world_time(submitted + 3600 * (1 + n)) as launched_at
from (
    select
        submission_id, user_id, submitted,
        arrayJoin(range(world_pick(world_draw(key, 'launched', 0, 3), [1, 2, 3], [0, 1, 4]))) as n
    from world.campaign_drawn_submission(seed = {seed:UInt64}, start = {start:Int64}, until = {until:Int64})
    where kind = 'REFERRAL'
);

-- The lists that people keep by hand: kind, value, priority, enabled, note.
create or replace view world.campaign_tracked_entity as
select 'critical_channel' as kind, account_id as value, 3 as priority, true as enabled, title as note
from (
    select account_id, title, base from world.account
    where platform = 'YOUTUBE' and creator < 2000 order by base desc, account_id limit 8
)
union all
select 'listed_profile', account_id, 3, creator % 5 > 0, first_handle
from (
    select creator, account_id, first_handle, base from world.account
    where platform = 'INSTAGRAM' and creator < 2000 order by base desc, account_id limit 12
)
union all
select 'follower_sample_profile', account_id, 8, true, first_handle
from (
    select account_id, first_handle, base from world.account
    where platform = 'INSTAGRAM' and creator < 2000 order by base desc, account_id limit 20
)
union all
select 'hashtag', tag, 5, tag != 'retired', null
from (select arrayJoin(['skincare', 'diwali', 'gym_life', 'unboxing', 'retired']) as tag)
union all
select 'sentiment_partner', toString(number), 5, number % 5 > 0, null from numbers(1, 20)
union all
select 'priority_collection', post_collection_id, 2, true, null
from (
    select post_collection_id, min(created_at) as opened from coffee_replica.post_collection_item
    where created_at <= world_time({until:Int64}) group by 1 order by opened desc, post_collection_id limit 3
);
