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

insert into coffee_replica.post_collection_item
select *
from world.post_collection_items(
    seed = {seed:UInt64}, rhythm = {rhythm:Int64}, first = {first:Int64}, last = {last:Int64},
    after = {after:Int64}, until = {until:Int64});

-- The pre-production twin holds a part of the rows.
insert into coffee_stage.post_collection_item
select *
from world.post_collection_items(
    seed = {seed:UInt64}, rhythm = {rhythm:Int64}, first = {first:Int64}, last = {last:Int64},
    after = {after:Int64}, until = {until:Int64})
where id % 3 = 0;

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

insert into coffee_replica.profile_collection_item
select *
from world.profile_collection_items(
    rhythm = {rhythm:Int64}, first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64});

-- The pre-production twin holds a part of the rows.
insert into coffee_stage.profile_collection_item
select *
from world.profile_collection_items(
    rhythm = {rhythm:Int64}, first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where id % 3 > 0;

insert into coffee_replica.view_instagram_account_lite
select *
from world.instagram_products(
    first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64});

-- The pre-production twin holds a part of the rows.
insert into coffee_stage.view_instagram_account_lite
select *
from world.instagram_products(
    first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where id % 2 = 0;

insert into coffee_replica.view_youtube_account_lite
select *
from world.youtube_products(
    first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64});

-- The pre-production twin holds a part of the rows.
insert into coffee_stage.view_youtube_account_lite
select *
from world.youtube_products(
    first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where id % 2 = 0;
