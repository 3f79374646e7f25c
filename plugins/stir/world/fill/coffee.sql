insert into coffee_replica.post_collection
select
    uuid as id,
    substring(replaceAll(uuid, '-', ''), 1, 10) as share_id,
    partner_id,
    concat(season, ' campaign ', toString(list)) as name,
    if(world_draw(key, 'source', 0, 10) < 6, 'GCC_CAMPAIGN', 'SAAS') as source,
    concat(source, '-', toString(list)) as source_id,
    if(world_draw(key, 'budget', 0, 4) = 0, null, 10000 * (1 + world_draw(key, 'budget', 1, 500)) + edit * 5000) as budget,
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
    after = {after:Int64}, until = {until:Int64})
where {first:Int64} = 0;

insert into coffee_replica.post_collection_item
select
    post_id as id,
    platform,
    if(is_orphan, concat('gone', substring(shortcode, 5)), shortcode) as short_code,
    format as post_type,
    collection_id as post_collection_id,
    world_draw(post_key, 'bookmarked', 0, 20) = 0 as bookmarked,
    not (edit = 1 and world_draw(post_key, 'disabled', 0, 4) = 0) as enabled,
    if(world_draw(post_key, 'cost', 0, 4) = 0, null, 500 * (1 + world_draw(post_key, 'cost', 1, 200))) as cost,
    handle as posted_by_handle,
    if(world_draw(post_key, 'sponsored', 0, 2) = 0, null, concat('["https://lnk.example/', link, '","https://x.example/"]'))
        as sponsor_links,
    items.title as post_title,
    concat(if(platform = 'INSTAGRAM', 'https://instagram.example/p/', 'https://youtube.example/watch?v='), short_code)
        as post_link,
    concat('https://cdn.example/', short_code, '.jpg') as post_thumbnail,
    'DAILY' as metrics_ingestion_freq,
    true as retrieve_data,
    not (edit = 1 and world_draw(post_key, 'hidden item', 0, 4) = 1) as show_in_report,
    if(world_draw(post_key, 'campaign profile', 0, 3) = 0, null, creator + 700000) as posted_by_cp_id,
    'user-1' as created_by,
    world_time64(listed_at, post_key) as created_at,
    world_time64(changed_at, post_key) as updated_at
from (
    select *,
        world_draw(post_key, 'gone', 0, 100) = 0 as is_orphan,
        -- Posts of a list often share one link.
        lower(hex(toUInt32(cityHash64(collection_id, world_draw(post_key, 'link', 0, 3))))) as link
    from world.listed_posts(
        seed = {seed:UInt64}, rhythm = {rhythm:Int64}, first = {first:Int64}, last = {last:Int64},
        after = {after:Int64}, until = {until:Int64})
) as items;

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
    after = {after:Int64}, until = {until:Int64})
where {first:Int64} = 0;

insert into coffee_replica.profile_collection_item
select
    row_id as id,
    platform,
    toString(creator + 500000) as platform_account_code,
    list + 1 as profile_collection_id,
    world_draw(key, 'hidden item', 0, 20) = 0 as hidden,
    multiIf(edit = 1 and world_draw(key, 'disabled', 0, 3) = 0, false, world_draw(key, 'no flag', 0, 30) = 0, null, true)
        as enabled,
    world_draw(key, 'place', 0, 100) as rank,
    'user-1' as created_by,
    world_time64(listed_at, key) as created_at,
    world_time64(changed_at, key) as updated_at,
    1 + world_draw(key, 'partner', 0, 40) as partner_id,
    if(world_draw(key, 'no social id', 0, 20) = 0, null, account_id) as profile_social_id,
    if(world_draw(key, 'campaign profile', 0, 3) = 0, creator + 700000, null) as campaign_profile_id,
    if(world_draw(key, 'shortlist', 0, 4) = 0, 'SHORTLISTED', null) as shortlisting_status,
    if(world_draw(key, 'shortlist', 0, 4) = 0, toString(list), null) as shortlist_id,
    null as brand_selection_status,
    null as brand_selection_remarks,
    null as internal_commercials,
    '{}' as custom_columns_data
from world.listed_accounts(
    rhythm = {rhythm:Int64}, first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64});

insert into coffee_replica.view_instagram_account_lite
select
    product_id as id,
    account_id as ig_id,
    handle,
    world_time64(added_at, key) as created_at,
    world_time64(changed_at, key) as updated_at
from world.product_accounts(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where platform = 'INSTAGRAM';

insert into coffee_replica.view_youtube_account_lite
select
    product_id as id,
    account_id as channel_id,
    world_time64(added_at, key) as created_at,
    world_time64(changed_at, key) as updated_at
from world.product_accounts(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where platform = 'YOUTUBE';
