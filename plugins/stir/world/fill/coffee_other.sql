insert into coffee_replica.keyword_collection
select
    uuid as id,
    substring(replaceAll(uuid, '-', ''), 1, 10) as share_id,
    concat(season, ' keywords') as name,
    ['INSTAGRAM', 'YOUTUBE'][1 + world_draw(key, 'platform', 0, 2)] as platform,
    concat('user-', toString(partner_id)) as created_by,
    partner_id,
    [lower(season), 'offer', world_one_of(key, 'keyword', 0, ['skincare', 'café', 'दिवाली', 'gym_life'])] as keywords,
    true as enabled,
    world_time64(opened_at - 30 * 86400, 0) as start_time,
    world_time64(opened_at, 0) as end_time,
    world_time64(opened_at, key) as created_at,
    world_time64(changed_at, key) as updated_at,
    if(edit = 1, 5000000 + list, null) as job_id,
    if(edit = 1, 'reports', null) as report_bucket,
    if(edit = 1, concat('keyword/', uuid, '.parquet'), null) as report_path,
    if(edit = 1, concat('keyword/', uuid, '-demography.parquet'), null) as demography_report_path
from world.collections(
    seed = {seed:UInt64}, kind = 'keyword collection', start = {start:Int64}, rhythm = {rhythm:Int64},
    first = {first:Int64}, last = {last:Int64}, creators = {creators:Int64},
    after = {after:Int64}, until = {until:Int64})
where list % 3 = 0;

insert into coffee_replica.collection_group
select
    list + 1 as id,
    substring(replaceAll(uuid, '-', ''), 1, 10) as share_id,
    partner_id,
    concat(season, ' group') as name,
    'GCC_CAMPAIGN' as source,
    toString(list) as source_id,
    arrayMap(n -> world_uuid(cityHash64({seed:UInt64}, 'post collection', greatest(list - toInt64(n), 0))), [0, 1, 2])
        as collection_ids,
    edit = 0 or world_draw(key, 'closed', 0, 5) > 0 as enabled,
    null as disabled_metrics,
    '{}' as metadata,
    if(world_draw(key, 'objective', 0, 2) = 0, 'AWARENESS', null) as objective,
    concat('user-', toString(partner_id)) as created_by,
    world_time64(opened_at, key) as created_at,
    world_time64(changed_at, key) as updated_at
from world.collections(
    seed = {seed:UInt64}, kind = 'collection group', start = {start:Int64}, rhythm = {rhythm:Int64},
    first = {first:Int64}, last = {last:Int64}, creators = {creators:Int64},
    after = {after:Int64}, until = {until:Int64})
where list % 4 = 0;

insert into coffee_replica.activity_tracker
select
    list + 1 as id,
    ['SEARCH', 'VIEW_PROFILE', 'EXPORT'][1 + world_draw(key, 'type', 0, 3)] as type,
    concat('{"query":"', lower(season), '"}') as meta,
    true as enabled,
    world_time64(opened_at, key) as created_at,
    world_time64(changed_at, key) as updated_at,
    1 + world_draw(key, 'account', 0, 200) as account_id,
    partner_id
from world.collections(
    seed = {seed:UInt64}, kind = 'activity', start = {start:Int64}, rhythm = {rhythm:Int64},
    first = {first:Int64}, last = {last:Int64}, creators = {creators:Int64},
    after = {after:Int64}, until = {until:Int64});

insert into coffee_replica.view_campaign_profile_lite
select
    creator + 700000 + if(platform = 'YOUTUBE', 10000000, 0) as id,
    platform,
    product_id as platform_account_id,
    world_draw(key, 'on gcc', 0, 3) = 0 as on_gcc,
    world_draw(key, 'on app', 0, 3) = 0 as on_gcc_app,
    if(on_gcc_app, creator + 900000, null) as gcc_user_account_id,
    null as updated_by,
    world_draw(key, 'campaign profile off', 0, 20) > 0 as enabled,
    world_time64(added_at + 60, key) as created_at,
    world_time64(changed_at, key) as updated_at
from world.product_accounts(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where world_draw(key, 'campaign profile', 1, 3) = 0;
