-- Rows of the tables that exist in production and, in part, before it.
create or replace view world.post_collection_items as
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
    if(world_draw(post_key, 'sponsored', 0, 2) = 0, null, concat('["https://', link, '","https://x.example/"]'))
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
        world_link(collection_id, world_draw(post_key, 'link', 0, 3)) as link
    from world.listed_posts(
        seed = {seed:UInt64}, rhythm = {rhythm:Int64}, first = {first:Int64}, last = {last:Int64},
        after = {after:Int64}, until = {until:Int64})
) as items;

create or replace view world.profile_collection_items as
select
    row_id as id,
    platform,
    toString(creator + 500000) as platform_account_code,
    list + 1 as profile_collection_id,
    world_draw(key, 'hidden item', 0, 20) = 0 as hidden,
    multiIf(
        edit = 1 and world_draw(key, 'disabled', 0, 3) = 0, false,
        world_draw(key, 'no flag', 0, 30) = 0, null,
        true) as enabled,
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

create or replace view world.instagram_products as
select
    product_id as id,
    account_id as ig_id,
    handle,
    world_time64(added_at, key) as created_at,
    world_time64(changed_at, key) as updated_at
from world.product_accounts(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where platform = 'INSTAGRAM';

create or replace view world.youtube_products as
select
    product_id as id,
    account_id as channel_id,
    world_time64(added_at, key) as created_at,
    world_time64(changed_at, key) as updated_at
from world.product_accounts(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where platform = 'YOUTUBE';
