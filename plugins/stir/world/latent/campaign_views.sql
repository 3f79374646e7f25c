-- Campaigns of the creators' application: one view per table of its schema `campaign`.
-- A campaign opens every five days and stays open for sixty; at most 250 of the application's users apply, so that the
-- set stays small in any world. What the rules of stir are to mend is left undone or wrong in some of the rows.
create or replace view world.campaign_campaign as
select
    tick + 1 as campaign_id,
    ['COLLABORATION', 'COLLABORATION', 'CHALLENGE', 'COLLABORATION', 'CHALLENGE', 'REFERRAL'][1 + tick % 6] as kind,
    concat(world_one_of(key, 'season', 0, ['Diwali', 'Summer', 'Launch', 'Réveillon']), ' ', lower(kind), ' ',
        toString(campaign_id)) as name,
    'INSTAGRAM' as platform,
    if(world_draw(key, 'any category', 0, 4) = 0, null, world_category(world_draw(key, 'category', 0, 1000)))
        as category,
    if(world_draw(key, 'any language', 0, 2) = 0, null, world_one_of(key, 'language', 0, ['en', 'hi', 'pt']))
        as language,
    [0, 1000, 5000][1 + world_draw(key, 'least', 0, 3)] as min_followers,
    if(world_draw(key, 'no most', 0, 2) = 0, null, 1000000) as max_followers,
    toDecimal64(500 * (1 + world_draw(key, 'payout', 0, 60)), 2) as payout_amount,
    'INR' as payout_currency,
    tick % 2 = 0 as is_content_checked,
    toString(world_uuid(cityHash64(key, 'posts'))) as post_collection_id,
    800000 + campaign_id as profile_collection_id,
    world_time(opened_at) as opens_at,
    world_time(opened_at + 60 * 86400) as closes_at
from (
    select
        toInt64(number) as tick,
        {start:Int64} - 30 * 86400 + tick * 5 * 86400 as opened_at,
        cityHash64({seed:UInt64}, 'campaign', tick) as key
    from numbers(toUInt64(intDiv({until:Int64} - {start:Int64}, 5 * 86400) + 7))
)
where opened_at <= {until:Int64};

create or replace view world.campaign_campaign_profile as
select
    creator + 700000 as campaign_profile_id,
    creator + 900000 as user_id,
    'INSTAGRAM' as platform,
    account_id,
    if(renamed_at <= {until:Int64}, next_handle, first_handle) as handle
from world.account
where platform = 'INSTAGRAM' and creator % 4 = 1 and creator < 1000 and born_at < {start:Int64};

-- An application is shown when it is decided, four days after it was sent. Half of the accepted ones have their payout,
-- six in ten active ones their journey and their place in the campaign's collection.
create or replace view world.campaign_drawn_application as
select
    campaign_id * 10000000 + profile.campaign_profile_id as application_id,
    campaign.campaign_id as campaign_id,
    profile.campaign_profile_id as campaign_profile_id,
    cityHash64({seed:UInt64}, 'application', application_id) as key,
    world_pick(world_draw(key, 'status', 0, 100), [12, 18, 22, 27, 80, 100],
        ['APPLIED', 'SHORTLISTED', 'REJECTED', 'WITHDRAWN', 'ACTIVE', 'COMPLETED']) as status,
    toUnixTimestamp(campaign.opens_at) + world_draw(key, 'applied', 0, 864000) as applied,
    if(status = 'COMPLETED' or status = 'ACTIVE' and world_draw(key, 'not accepted', 0, 10) > 0,
        applied + 86400 + world_draw(key, 'accepted', 0, 172800), null) as accepted,
    profile.account_id as account_id,
    profile.user_id as user_id,
    campaign.kind as campaign_kind,
    campaign.payout_amount as amount,
    campaign.payout_currency as currency,
    campaign.post_collection_id as post_collection_id,
    campaign.profile_collection_id as profile_collection_id
from world.campaign_campaign(seed = {seed:UInt64}, start = {start:Int64}, until = {until:Int64}) as campaign
cross join world.campaign_campaign_profile(start = {start:Int64}, until = {until:Int64}) as profile
where world_draw(cityHash64({seed:UInt64}, 'applies', campaign.campaign_id, profile.campaign_profile_id), '', 0, 6) = 0
    and applied + 4 * 86400 <= {until:Int64};

create or replace view world.campaign_application as
select application_id, campaign_id, campaign_profile_id, status, world_time(applied) as applied_at,
    if(accepted is null, null, world_time(assumeNotNull(accepted))) as accepted_at
from world.campaign_drawn_application(seed = {seed:UInt64}, start = {start:Int64}, until = {until:Int64});

create or replace view world.campaign_journey as
select application_id, 'BRIEFED' as stage, world_time(applied + 4 * 86400) as started_at
from world.campaign_drawn_application(seed = {seed:UInt64}, start = {start:Int64}, until = {until:Int64})
where status in ('ACTIVE', 'COMPLETED') and world_draw(key, 'journey', 0, 10) < 6;

create or replace view world.campaign_profile_item as
select profile_collection_id, campaign_profile_id, world_time(applied + 4 * 86400) as added_at
from world.campaign_drawn_application(seed = {seed:UInt64}, start = {start:Int64}, until = {until:Int64})
where status in ('ACTIVE', 'COMPLETED') and world_draw(key, 'profile item', 0, 10) < 6;

create or replace view world.campaign_payout as
select application_id, amount, currency, world_time(assumeNotNull(accepted)) as created_at
from world.campaign_drawn_application(seed = {seed:UInt64}, start = {start:Int64}, until = {until:Int64})
where accepted is not null and world_draw(key, 'payout', 0, 2) = 0;

-- Three quarters of the active have handed something in; a fifth of it in two versions, the first of them rejected.
-- One post in eight is somebody else's.
create or replace view world.campaign_drawn_submission as
with
    posts as (
        select account, arraySlice(arrayReverseSort(groupUniqArray((published, code, format))), 1, 5) as newest
        from (
            select
                assumeNotNull(profile_id) as account, assumeNotNull(shortcode) as code,
                toUnixTimestamp(min(publish_time)) as published, any(ifNull(post_type, 'image')) as format
            from beat_replica.instagram_post_simple
            where profile_id is not null and shortcode is not null and publish_time <= world_time({until:Int64})
                and ifNull(post_type, '') != 'story'
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
