{#- What staging sets aside of the product's lists and accounts, by staging model, as list_reject_rules has it. -#}
{% macro list_product_reject_rules(model_name) -%}
{%- set on_platform = ['INSTAGRAM', 'YOUTUBE'] -%}
{%- set made = ('impossible_timestamp', any_impossible(clean_time, ['created_at'])) -%}
{%- set listed = {'key': 'feed.id', 'ingested_at': version_at('feed'), 'refused': [], 'emptied': [made]} -%}
{%- set off_platform = ('unknown_value', is_unknown('upper', 'feed.platform', on_platform)) -%}
{%- set listed_on_platform = dict(listed, emptied=[made, off_platform]) -%}
{%- set long_share_id = (
    'too_long', "trimBoth(coalesce(feed.share_id, '')) != '' and " ~ clean_key('feed.share_id') ~ ' is null'
) -%}
{%- set hidden = "trimBoth(coalesce(feed.disabled_metrics, ''))" -%}
{#- Metrics that a customer hides: a list that cannot be read would show them. -#}
{%- set unread_hidden = [
    ('malformed_json', hidden ~ " != '' and not isValidJSON(feed.disabled_metrics)"),
    ('unknown_value', hidden ~ " != '' and JSONType(" ~ mend_json(hidden) ~ ") not in ('Array', 'Null')"),
] -%}
{%- set no_id = [('missing_key', clean_key('feed.id') ~ ' is null')] -%}
{%- set planned_times = (
    'impossible_timestamp', any_impossible(clean_time, ['created_at', 'start_time', 'end_time'])
) -%}
{%- set priced = dict(listed, emptied=listed_on_platform.emptied + [
    ('impossible_number', any_impossible(clean_count, ['cost'])),
    ('malformed_json', 'not isValidJSON(feed.sponsor_links)'),
    ('too_long', 'length(trimBoth(feed.post_collection_id)) > 255 or length(trimBoth(feed.short_code)) > 255'),
    ('missing_key', 'length(feed.post_collection_id) <= 255 and length(feed.short_code) <= 255 and ('
        ~ is_no_id('feed.post_collection_id', clean_key('feed.post_collection_id')) ~ ' or '
        ~ is_no_id('feed.short_code', clean_id('feed.short_code', 'post')) ~ ')'),
]) -%}
{%- set placed = dict(listed, emptied=[
    made,
    ('unknown_value', off_platform[1] ~ " or trimBoth(feed.platform_account_code) != '' and "
        ~ 'toInt64OrNull(trimBoth(feed.platform_account_code)) is null'),
    ('impossible_number', any_impossible(clean_count, ['rank'])),
]) -%}
{%- set of_instagram = dict(listed, emptied=[
    made, ('missing_key', is_no_id('feed.ig_id', clean_id('feed.ig_id', 'profile')))]) -%}
{%- set of_youtube = dict(listed, emptied=[
    made, ('missing_key', is_no_id('feed.channel_id', clean_id('feed.channel_id', 'channel')))]) -%}
{%- set rules = {
    'stg_coffee_post_collection': dict(listed, source=source('coffee_replica', 'post_collection'),
        key='trimBoth(feed.id)', refused=no_id, emptied=[('impossible_number', any_impossible(clean_count, ['budget'])),
        planned_times, long_share_id] + unread_hidden),
    'stg_coffee_profile_collection': dict(listed, source=source('coffee_replica', 'profile_collection'),
        emptied=[made, long_share_id] + unread_hidden),
    'stg_coffee_collection_group': dict(listed, source=source('coffee_replica', 'collection_group'), emptied=[made,
        ('too_long', long_share_id[1] ~ ' or arrayExists(id -> length(trimBoth(id)) > 255, feed.collection_ids)')]
        + unread_hidden),
    'stg_coffee_keyword_collection': dict(listed, source=source('coffee_replica', 'keyword_collection'),
        key='trimBoth(feed.id)', refused=no_id, emptied=[off_platform, planned_times, long_share_id]),
    'stg_coffee_post_collection_item': dict(priced, source=source('coffee_replica', 'post_collection_item')),
    'stg_coffee_profile_collection_item':
        dict(placed, source=source('coffee_replica', 'profile_collection_item')),
    'stg_coffee_view_instagram_account_lite': dict(of_instagram, source=source('coffee_replica', 'view_instagram_account_lite')),
    'stg_coffee_view_youtube_account_lite': dict(of_youtube, source=source('coffee_replica', 'view_youtube_account_lite')),
    'stg_coffee_staging_post_collection_item':
        dict(priced, source=source('coffee_stage', 'post_collection_item')),
    'stg_coffee_staging_profile_collection_item':
        dict(placed, source=source('coffee_stage', 'profile_collection_item')),
    'stg_coffee_staging_view_instagram_account_lite':
        dict(of_instagram, source=source('coffee_stage', 'view_instagram_account_lite')),
    'stg_coffee_staging_view_youtube_account_lite':
        dict(of_youtube, source=source('coffee_stage', 'view_youtube_account_lite')),
    'stg_coffee_campaign_profiles': dict(listed_on_platform, source=source('coffee_replica', 'view_campaign_profile_lite')),
} -%}
{{- return(rules.get(model_name)) -}}
{%- endmacro %}
