{#- What marts set aside of the sources that they read without a staging model, by mart, as list_reject_rules has it for
    staging. Each source stands once, at a mart that reads it, and each mart counts one source.

    name        the source's name in the counts, where staging counts other rows of the same table.

    Files without a time of ingestion count under one day, the second of 1970. -#}
{% macro list_direct_reject_rules(model_name) -%}
{%- set untimed = "toDateTime('1970-01-02 00:00:00', 'UTC')" -%}
{%- set file = {'ingested_at': untimed, 'refused': [], 'emptied': []} -%}
{%- set demography = [] -%}
{%- for gender in ['m', 'f'] -%}
    {%- for age in list_ages() -%}
        {%- set band = age | replace('-', '_') | replace('+', '') -%}
        {%- do demography.append('youtube_demographic_' ~ gender ~ '_' ~ band) -%}
    {%- endfor -%}
{%- endfor -%}
{%- set unread_count = "(trimBoth(feed.@) not in ('', 'NULL') and " ~ count_in('trimBoth(feed.@)') ~ ' is null)' -%}
{%- set interests = mend_json("coalesce(feed.user_categories, 'null')") -%}
{#- The vendor wrote Indian time (select_instagram_posts). -#}
{%- set vendor_time = "(toDateTime64(feed.publish_time, 6, 'UTC') - interval 330 minute)" -%}
{%- set scores = 'arrayConcat(feed.cat_from_ig_cat, feed.cat_from_bio)' -%}
{%- set edges = {
    'key': '(trimBoth(feed.source_channel_id), trimBoth(feed.target_channel_id))', 'ingested_at': 'feed.insert_timestamp',
    'scope': "lower(feed.relationship_type) = 'subscription'",
    'refused': [
        ('missing_key', clean_id('feed.source_channel_id', 'channel') ~ ' is null or '
            ~ clean_id('feed.target_channel_id', 'channel') ~ ' is null'),
        ('impossible_timestamp', 'not ' ~ is_plausible_event('feed.event_timestamp', 'feed.insert_timestamp')),
    ],
    'emptied': [('impossible_timestamp', "trimBoth(feed.subscribed_on) != '' and not ifNull("
        ~ is_plausible_event(subscribed_on('feed'), 'feed.event_timestamp') ~ ', false)')],
} -%}
{%- set rules = {
    'mart_youtube_subscriber': dict(edges, source=source('events', 'yt_profile_relationship_log_events')),
    'mart_youtube_subscriber_staging': dict(edges, source=source('events_stage', 'yt_profile_relationship_log_events')),
    'mart_audience_info': dict(file, source=source('vendor', 'social_profiles'), key='trimBoth(feed.youtube_userid)',
        emptied=[
            ('impossible_number', is_any_outside(demography, 100)),
            ('missing_key', is_no_id('feed.youtube_userid', clean_id('feed.youtube_userid', 'channel')) ~ ' or '
                ~ is_no_id('feed.instagram_userid', clean_id('feed.instagram_userid', 'profile'))),
        ]),
    'mart_instagram_account_base': dict(file, source=source('vendor', 'instagram_profiles'),
        key='trimBoth(feed.profile_id)',
        refused=[('missing_key', clean_id('feed.profile_id', 'profile') ~ ' is null')],
        emptied=[('unknown_value', 'upper(' ~ clean_vendor_text('feed.gender') ~ ") not in ('M', 'F')")]),
    'mart_youtube_account_base': dict(file, source=source('vendor', 'youtube_channels'),
        key='(trimBoth(feed.id), feed.snapshot_date)',
        ingested_at="toDateTime(feed.snapshot_date, 'UTC') + interval 3 hour",
        refused=[('missing_key', clean_key('feed.id') ~ ' is null')],
        emptied=[
            ('impossible_number', unread_count | replace('@', 'subscriber_count') ~ ' or '
                ~ unread_count | replace('@', 'video_count') ~ ' or ' ~ unread_count | replace('@', 'view_count')),
            ('impossible_timestamp', "trimBoth(feed.last_updated_at) not in ('', 'NULL') and "
                ~ parse_time('feed.last_updated_at', known_at='(feed.snapshot_date + 1)') ~ ' is null'),
        ]),
    'mart_youtube_leaderboard_base_raw': dict(file, source=source('vendor', 'channels_monthly_stats'),
        key='(trimBoth(feed.id), trimBoth(feed.month))',
        refused=[
            ('missing_key', clean_key('feed.id') ~ ' is null'),
            ('impossible_timestamp', 'not ' ~ names_a_month('feed.month')),
            ('no_number', 'coalesce(feed.lifetime_subscribers, feed.lifetime_views, feed.lifetime_uploads) is null'),
        ],
        emptied=[('impossible_number',
            any_impossible(clean_count, ['lifetime_subscribers', 'lifetime_views', 'lifetime_uploads']))]),
    'mart_instagram_all_posts': dict(file, source=source('vendor', 'instagram_posts_historical'),
        key='trimBoth(feed.shortcode)',
        refused=[('missing_key', clean_id('feed.shortcode', 'post') ~ ' is null or '
            ~ clean_id('feed.profile_id', 'profile') ~ ' is null'),
            ('future_timestamp', vendor_time ~ ' > ' ~ as_of())],
        emptied=[
            ('impossible_number', any_impossible(clean_count, ['likes', 'comments', 'views', 'plays'])),
            ('impossible_timestamp', 'feed.publish_time is not null and ' ~ clean_time(vendor_time) ~ ' is null'),
        ]),
    'mart_audience_info_follower': dict(file, source=source('ds', 'instagram_prediction'), key='feed.profile_id',
        emptied=[
            ('impossible_number', is_any_outside(['gender_male', 'gender_female'], 1) ~ ' or '
                ~ is_any_outside(['age'], 120)),
            ('unknown_value', is_unknown('upper', 'feed.gender_from_img_model', ['M', 'F'])),
        ]),
    'mart_instagram_predicted_category': dict(file, source=source('ds', 'categorization_zsl'),
        key='trimBoth(feed.profile_id)',
        refused=[('missing_key', clean_id('feed.profile_id', 'profile') ~ ' is null')],
        emptied=[('impossible_number', 'arrayExists(guess -> not (guess.2 between 0 and 1), ' ~ scores ~ ')')]),
    'mart_instagram_creators_followers_fake_analysis': dict(file,
        source=source('ds', 'creator_followers_fake_analysis'), key='(feed.handle, feed.follower_handle)',
        refused=[('missing_key', 'if(feed.rules_version = 0, ' ~ clean_handle('feed.handle') ~ ', '
            ~ clean_key('feed.creator_id') ~ ') is null or '
            ~ clean_handle('feed.follower_handle') ~ ' is null')],
        emptied=[('impossible_number', is_any_outside(['similarity_score', 'indian_name_score'], 100) ~ ' or '
            ~ is_any_outside(['probability', 'final_v2'], 1))]),
    'mart_collection_clicks_ts': dict(file, source=source('tracking', 'link_clicks'),
        key='(' ~ link_key('feed.url') ~ ', feed.d)', ingested_at="toDateTime(feed.d + 1, 'UTC') + interval 3 hour",
        refused=[
            ('missing_key', link_key('feed.url') ~ ' is null'),
            ('impossible_number', clean_measure('feed.unique_clicks', 1000000000000) ~ ' is null'),
        ]),
    'mart_instagram_tracked_profiles': {
        'source': source('identity_replica', 'social_account'), 'ingested_at': 'feed.created_on',
        'key': "(feed.account_id, upper(trimBoth(ifNull(feed.platform, ''))), ifNull(feed.handle, ''))",
        'refused': [('missing_key', 'feed.account_id <= 0')],
        'emptied': [
            ('impossible_timestamp', any_impossible(clean_time, ['created_on'])),
            ('unknown_value', is_unknown('upper', 'feed.platform', ['INSTAGRAM', 'YOUTUBE'])),
        ],
    },
    'mart_creator_campaign_performance': dict(file, source=source('identity_replica', 'host_profile'),
        key='feed.user_client_account_id',
        refused=[('missing_key', 'feed.user_client_account_id <= 0')],
        emptied=[
            ('malformed_json', is_any_malformed(['user_categories'])),
            ('unknown_value', 'JSONType(' ~ interests ~ ") not in ('Array', 'Null') or arrayExists(entry -> "
                ~ "JSONType(entry, 'name') != 'String', JSONExtractArrayRaw(" ~ interests ~ '))'),
        ]),
    'mart_collection_post': dict(file, source=source('tracking', 'link_orders'), key=link_key('feed.link'),
        refused=[('missing_key', link_key('feed.link') ~ ' is null')],
        emptied=[('impossible_number', any_impossible(clean_count, list_link_orders()))]),
    'mart_instagram_gpt_basic_data': dict(file, source=source('events', 'profile_log_events'),
        name='events.profile_log_events (answers)', key='trimBoth(feed.event_id)', ingested_at='feed.insert_timestamp',
        scope="startsWith(feed.source, 'openapi_profile_info_')",
        refused=[
            ('missing_key', clean_handle('feed.profile_id') ~ ' is null'),
            ('impossible_timestamp', 'not ' ~ is_plausible_event('feed.event_timestamp', 'feed.insert_timestamp')),
            ('malformed_json', 'not isValidJSON(' ~ mend_json('feed.dimensions') ~ ')'),
        ],
        emptied=[('malformed_json', 'not isValidJSON(feed.dimensions)')]),
} -%}
{{- return(rules.get(model_name)) -}}
{%- endmacro %}
