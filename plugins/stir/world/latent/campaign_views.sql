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
