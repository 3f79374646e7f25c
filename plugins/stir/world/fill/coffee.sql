insert into coffee_replica.post_collection
select
    uuid as id,
    substring(replaceAll(uuid, '-', ''), 1, 10) as share_id,
    partner_id,
    concat(season, ' campaign ', toString(list)) as name,
    if(world_draw(key, 'source', 0, 10) < 6, 'GCC_CAMPAIGN', 'SAAS') as source,
    concat(source, '-', toString(list)) as source_id,
    if(world_draw(key, 'budget', 0, 4) = 0, null, 10000 * (1 + world_draw(key, 'budget', 1, 500)) + edit * 5000)
        as budget,
    not (edit = 1 and world_draw(key, 'closed', 0, 12) = 0) as enabled,
    world_time64(opened_at, 0) as start_time,
    world_time64(opened_at + 60 * 86400, 0) as end_time,
    concat('user-', toString(partner_id)) as created_by,
    world_time64(opened_at, key) as created_at,
    world_time64(changed_at, key) as updated_at,
    null as disabled_metrics,
    'DAILY' as metrics_ingestion_freq,
    if(edit = 1, 9000000 + list, null) as job_id,
    null as sentiment_report_path,
    null as sentiment_report_bucket
from world.collections(
    seed = {seed:UInt64}, kind = 'post collection', start = {start:Int64}, rhythm = {rhythm:Int64},
    first = {first:Int64}, last = {last:Int64}, creators = {creators:Int64},
    after = {after:Int64}, until = {until:Int64});

insert into coffee_replica.profile_collection
select
    list + 1 as id,
    substring(replaceAll(uuid, '-', ''), 1, 10) as share_id,
    partner_id,
    concat(season, ' creators ', toString(list), if(edit = 1, ' (final)', '')) as name,
    null as description,
    [world_category(world_draw(key, 'category', 0, 1000))] as categories,
    [lower(season)] as tags,
    true as enabled,
    world_draw(key, 'featured', 0, 10) = 0 as featured,
    true as analytics_enabled,
    world_draw(key, 'shared', 0, 2) = 0 as share_enabled,
    ['SAAS', 'SAAS', 'SAAS-AT', 'GCC_CAMPAIGN', null][1 + world_draw(key, 'source', 0, 5)] as source,
    toString(list) as source_id,
    if(source = 'GCC_CAMPAIGN', list, null) as campaign_id,
    null as job_id,
    if(source = 'GCC_CAMPAIGN', 'INSTAGRAM', null) as campaign_platform,
    '[]' as category_ids,
    '{}' as category,
    '[]' as custom_columns,
    '[]' as ordered_columns,
    '[]' as disabled_metrics,
    concat('user-', toString(partner_id)) as created_by,
    world_time64(opened_at, key) as created_at,
    world_time64(changed_at, key) as updated_at
from world.collections(
    seed = {seed:UInt64}, kind = 'profile collection', start = {start:Int64}, rhythm = {rhythm:Int64},
    first = {first:Int64}, last = {last:Int64}, creators = {creators:Int64},
    after = {after:Int64}, until = {until:Int64});

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
