-- Posts that joined a post collection: one in forty since the start.
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
    if(world_draw(post_key, 'sponsored', 0, 2) = 0, null, concat('["https://', link, '","https://x.example/"]'))
        as sponsor_links,
    items.title as post_title,
    concat(if(platform = 'INSTAGRAM', 'https://instagram.example/p/', 'https://youtube.example/watch?v='), short_code)
        as post_link,
    concat('https://cdn.example/', short_code, '.jpg') as post_thumbnail,
    'DAILY' as metrics_ingestion_freq,
    true as retrieve_data,
    not (edit = 1 and world_draw(post_key, 'hidden item', 0, 4) = 1) as show_in_report,
    if(world_draw(post_key, 'campaign profile', 0, 3) = 0, null,
        creator + 700000 + if(platform = 'YOUTUBE', 10000000, 0)) as posted_by_cp_id,
    'user-1' as created_by,
    world_time64(listed_at, post_key) as created_at,
    world_time64(changed_at, post_key) as updated_at
from (
    select
        *,
        at + 7200 + world_draw(post_key, 'listed at', 0, 86400) as listed_at,
        -- One item in five is edited five days later.
        world_draw(post_key, 'item edited', 0, 5) = 0 as is_edited,
        arrayJoin(if(is_edited, [0, 1], [0])) as edit,
        listed_at + edit * 432000 as changed_at,
        is_edited and listed_at + 432000 <= {until:Int64} as is_outdated,
        greatest(world_list(listed_at, start, {rhythm:Int64}) - 1 - world_draw(post_key, 'which list', 0, 20), 0)
            as list,
        world_uuid(cityHash64({seed:UInt64}, 'post collection', list)) as collection_id,
        world_draw(post_key, 'gone', 0, 100) = 0 as is_orphan,
        -- Posts of a list often share one link.
        world_link(collection_id, world_draw(post_key, 'link', 0, 3)) as link
    from world.post_readings(
        first = {first:Int64}, last = {last:Int64}, after = {after:Int64} - 525600, until = {until:Int64})
    where reading = 1 and published_at >= start and world_draw(post_key, 'listed', 0, 40) = 0
) as items
where changed_at > {after:Int64} and changed_at <= {until:Int64}
    and (edit = 1 or not is_outdated or world_draw(post_key, 'redelivered item', 0, 100) = 0);

-- Accounts that joined a profile collection: one in twelve.
insert into coffee_replica.profile_collection_item
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
from (
    select
        *,
        start - 40 * 86400 + world_draw(key, 'listed at', 0, 200 * 86400) as listed_at,
        world_draw(key, 'item edited', 0, 5) = 0 as is_edited,
        arrayJoin(if(is_edited, [0, 1], [0])) as edit,
        listed_at + edit * 432000 as changed_at,
        is_edited and listed_at + 432000 <= {until:Int64} as is_outdated,
        greatest(world_list(listed_at, start, {rhythm:Int64}) - 1 - world_draw(key, 'which list', 0, 20), 0) as list
    from world.account
    where creator >= {first:Int64} and creator < {last:Int64} and world_draw(key, 'listed', 0, 12) = 0
)
where listed_at > born_at and changed_at > {after:Int64} and changed_at <= {until:Int64}
    and (edit = 1 or not is_outdated or world_draw(key, 'redelivered item', 0, 100) = 0);

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

insert into coffee_replica.view_campaign_profile_lite
select
    creator + 700000 + if(platform = 'YOUTUBE', 10000000, 0) as id,
    platform,
    product_id as platform_account_id,
    world_draw(key, 'on gcc', 0, 3) = 0 as on_gcc,
    -- Users of the application, who are one creator in four.
    creator % 4 = 1 and world_draw(key, 'on app', 0, 4) > 0 as on_gcc_app,
    if(on_gcc_app, creator + 900000, null) as gcc_user_account_id,
    null as updated_by,
    world_draw(key, 'campaign profile off', 0, 20) > 0 as enabled,
    world_time64(added_at + 60, key) as created_at,
    world_time64(changed_at, key) as updated_at
from world.product_accounts(first = {first:Int64}, last = {last:Int64}, after = {after:Int64}, until = {until:Int64})
where world_draw(key, 'campaign profile', 1, 3) = 0;
