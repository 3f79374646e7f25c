-- The two best collaborations and the two best challenges of each creator, out of those that are open, whose bounds of
-- followers they meet and to which they have not applied. The score, 0 to 100:
--   category   40 the campaign's, 15 where it asks for none
--   language   20 the campaign's, 10 where it asks for none
--   size       20 at least twice the least that is asked and half the most, else 10
--   engagement 20 Excellent, 15 Very Good, 10 Good, 5 Average, 0 Poor or not known
-- Ties: what closes first, then the smaller id. One run at a time replaces the sets; a message goes out for each creator
-- whose set is another one than before.
select pg_advisory_xact_lock(7318072);

create temporary table best on commit drop as
with scored as (
    select
        profile.campaign_profile_id, profile.user_id, campaign.kind, campaign.campaign_id, campaign.closes_at,
        case when campaign.category is null then 15 when campaign.category = fact.category then 40 else 0 end as category,
        case when campaign.language is null then 10 when campaign.language = fact.language then 20 else 0 end as language,
        case
            when fact.followers::bigint >= 2 * campaign.min_followers
                and fact.followers::bigint * 2 <= coalesce(campaign.max_followers, 9223372036854775807) then 20
            else 10
        end as size,
        case fact.grade
            when 'Excellent' then 20 when 'Very Good' then 15 when 'Good' then 10 when 'Average' then 5 else 0
        end as engagement
    from campaign.campaign_profile as profile
    inner join fact using (account_id)
    inner join campaign.campaign
        on campaign.platform = profile.platform
        and campaign.kind in ('COLLABORATION', 'CHALLENGE')
        and campaign.opens_at <= %(now)s and campaign.closes_at > %(now)s
        and fact.followers::bigint >= campaign.min_followers
        and fact.followers::bigint <= coalesce(campaign.max_followers, fact.followers::bigint)
    where not exists (
        select from campaign.application
        where application.campaign_id = campaign.campaign_id
            and application.campaign_profile_id = profile.campaign_profile_id
    )
),
placed as (
    select
        *, category + language + size + engagement as score,
        row_number() over (
            partition by campaign_profile_id, kind
            order by category + language + size + engagement desc, closes_at, campaign_id
        ) as place
    from scored
)
select
    campaign_profile_id, user_id, kind, place::smallint as place, campaign_id, score,
    jsonb_build_object('category', category, 'language', language, 'size', size, 'engagement', engagement) as parts
from placed
where place <= 2;

create temporary table renewed on commit drop as
with sets as (
    select campaign_profile_id, array_agg((kind, place, campaign_id, score)::text order by kind, place) as told
    from best
    group by campaign_profile_id
),
standing as (
    select
        campaign_profile_id,
        array_agg((kind, place, campaign_id, trunc(score)::integer)::text order by kind, place) as told
    from campaign.recommendation
    group by campaign_profile_id
)
select coalesce(sets.campaign_profile_id, standing.campaign_profile_id) as campaign_profile_id, sets.told
from sets
full join standing using (campaign_profile_id)
where sets.told is distinct from standing.told;

delete from campaign.recommendation where campaign_profile_id in (select campaign_profile_id from renewed);

insert into campaign.recommendation (campaign_profile_id, kind, place, campaign_id, score, parts, recommended_at)
select best.campaign_profile_id, kind, place, campaign_id, score, parts, %(now)s
from best
inner join renewed using (campaign_profile_id);

insert into ops.outbox (event_key, topic, payload)
select
    'recommendation:' || campaign_profile_id || ':' || md5(renewed.told::text) || ':' || extract(epoch from %(now)s),
    'recommendation',
    jsonb_build_object(
        'campaign_profile_id', campaign_profile_id, 'user_id', min(user_id),
        'campaigns', jsonb_agg(
            jsonb_build_object('kind', kind, 'place', place, 'campaign_id', campaign_id, 'score', score)
            order by kind, place))
from renewed
inner join best using (campaign_profile_id)
group by campaign_profile_id, renewed.told
order by campaign_profile_id
on conflict (event_key) do nothing
returning payload ->> 'campaign_profile_id';
