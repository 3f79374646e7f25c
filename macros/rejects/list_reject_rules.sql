{#- What staging sets aside of each source, by staging model; none for a model without a source of its own.

    source      the table it reads.
    key         the grain, as SQL over `feed`.
    ingested_at when a row came.
    scope       rows of the table that are the model's, where it does not take all.
    counts      (document, names) of its JSON counters, for the conditions that look at them (holds_no_count,
                holds_what_is_no_count, is_broken_document).
    refused     (reason, condition): the first that holds says why the row is not in the warehouse. The conditions are
                the model's own where clause, kept apart (that it came after as_of() is a reason of all);
                tests/integration/dbt/test_rejects.py counts that no row is missing.
    emptied     (reason, condition): rows that are in the warehouse, with a value set to NULL.
    place       what all deliveries of a key must say alike, and their order; another is refused for conflicting_key. -#}
{% macro list_reject_rules(model_name) -%}
{%- if not model_name.startswith('stg_') -%}{{- return(none) -}}{%- endif -%}
{%- set on_platform = ['INSTAGRAM', 'YOUTUBE'] -%}
{%- set future = 'feed.%s > feed.%s + interval ' ~ var('clock_skew_minutes') ~ ' minute' -%}
{%- set no_key = [
    ('missing_key', clean_key('feed.event_id') ~ ' is null or ' ~ clean_key('feed.profile_id') ~ ' is null')] -%}
{%- set event_refusals = [
    ('unknown_value', 'upper(trimBoth(feed.platform)) not in ' ~ quote_words(on_platform)),
    ('future_timestamp', future % ('event_timestamp', 'insert_timestamp')),
    ('impossible_timestamp', 'not ' ~ is_plausible_event('feed.event_timestamp', 'feed.insert_timestamp')),
    ('malformed_json', is_broken_document()),
] -%}
{%- set event_place = 'upper(trimBoth(feed.platform)), trimBoth(feed.profile_id), feed.event_timestamp' -%}
{%- set copied = version_at('feed') -%}
{%- set post_counters = list_logged_counters().values() | sum(start=[]) -%}
{%- set profile_counters = ['followers', 'following', 'subscriber_count', 'view_count', 'video_count',
    'media_count'] -%}
{%- set listed = {'key': 'feed.id', 'ingested_at': copied, 'refused': [], 'emptied': []} -%}
{%- set order = mend_json("coalesce(feed.order_data, '')") -%}
{%- set price = 'trimBoth(' ~ member_text(order, 'total_price') ~ ')' -%}
{%- set future_of_row = 'feed.%s > ' ~ copied ~ ' + interval ' ~ var('clock_skew_minutes') ~ ' minute' -%}
{%- set rules = {
    'stg_beat_post_log': {
        'source': source('events', 'post_log_events'), 'key': 'trimBoth(feed.event_id)',
        'ingested_at': 'feed.insert_timestamp', 'counts': ('feed.metrics', post_counters),
        'place': (event_place ~ ', trimBoth(feed.shortcode)', order_of_event(list_delivered('post_log_events'))),
        'refused': no_key + [('missing_key', clean_key('feed.shortcode') ~ ' is null')] + event_refusals
            + [('no_number', holds_no_count())],
        'emptied': [
            ('impossible_number', holds_what_is_no_count()),
            ('malformed_json', is_mended_document() ~ ' or not isValidJSON(feed.dimensions)'),
            ('future_timestamp', 'feed.publish_time > feed.event_timestamp + interval '
                ~ var('clock_skew_minutes') ~ ' minute'),
            ('impossible_timestamp', "feed.publish_time < toDateTime('2005-01-01 00:00:00', 'UTC')"),
        ],
    },
    'stg_beat_profile_log': {
        'source': source('events', 'profile_log_events'), 'key': 'trimBoth(feed.event_id)',
        'ingested_at': 'feed.insert_timestamp', 'counts': ('feed.metrics', profile_counters),
        'place': (event_place, order_of_event(list_delivered('profile_log_events'))),
        'scope': "not startsWith(feed.source, 'openapi_profile_info_')",
        'refused': no_key + event_refusals
            + [('no_number', holds_no_count())],
        'emptied': [
            ('impossible_number', holds_what_is_no_count()),
            ('malformed_json', is_mended_document() ~ ' or not isValidJSON(feed.dimensions)'),
        ],
    },
    'stg_beat_instagram_account': {
        'source': source('beat_replica', 'instagram_account'), 'key': 'trimBoth(feed.profile_id)', 'ingested_at': copied,
        'refused': [('missing_key', clean_id('feed.profile_id', 'profile') ~ ' is null')],
        'emptied': [
            ('impossible_number', any_impossible(clean_count, ['followers', 'following', 'media_count']) ~ ' or '
                ~ any_impossible(clean_measure, ['avg_likes', 'avg_comments', 'avg_reach', 'avg_impressions',
                    'avg_engagement', 'avg_reels_plays'])),
            ('impossible_timestamp', any_impossible(clean_time, ['created_at', 'refreshed_at'])),
            ('unknown_value', is_unknown('upper', 'feed.account_type', ['CREATOR', 'BRAND']) ~ ' or '
                ~ is_unknown('lower', 'feed.profile_type', ['personal', 'business', 'creator'])),
        ],
    },
    'stg_beat_instagram_post': {
        'source': source('beat_replica', 'instagram_post_simple'), 'key': 'trimBoth(feed.shortcode)',
        'ingested_at': copied,
        'refused': [('missing_key', clean_id('feed.shortcode', 'post') ~ ' is null')],
        'emptied': [
            ('impossible_number', any_impossible(clean_count, ['likes', 'comments', 'views', 'plays', 'reach', 'impressions',
                'saved', 'shares', 'interactions', 'video_views', 'taps_forward', 'taps_back', 'exits', 'replies',
                'navigation', 'profile_activity', 'profile_visits', 'follows', 'automatic_forward', 'swipe_back',
                'swipe_down', 'swipe_forward', 'swipe_up', 'profile_follower']) ~ ' or '
                ~ any_impossible(clean_measure, ['engagement', 'profile_er', 'profile_static_er', 'profile_reels_er'])),
            ('future_timestamp', future_of_row % 'publish_time'),
            ('impossible_timestamp', any_impossible(clean_time, ['publish_time', 'created_at'])),
            ('unknown_value', is_unknown('lower', 'feed.post_type', ['image', 'carousel', 'reels', 'story'])),
            ('missing_key', is_no_id('feed.profile_id', clean_id('feed.profile_id', 'profile'))),
        ],
    },
    'stg_beat_youtube_account': {
        'source': source('beat_replica', 'youtube_account'), 'key': 'trimBoth(feed.channel_id)', 'ingested_at': copied,
        'refused': [('missing_key', clean_id('feed.channel_id', 'channel') ~ ' is null')],
        'emptied': [
            ('impossible_number', any_impossible(clean_count, ['subscribers', 'uploads', 'views', 'shorts']) ~ ' or '
                ~ any_impossible(clean_measure, ['er12p'])),
            ('future_timestamp', future_of_row % 'published_at'),
            ('impossible_timestamp', any_impossible(clean_time, ['published_at', 'created_at'])),
            ('unknown_value', is_unknown('upper', 'feed.account_type', ['CREATOR', 'BRAND'])),
        ],
    },
    'stg_beat_youtube_post': {
        'source': source('beat_replica', 'youtube_post_simple'), 'key': 'trimBoth(feed.shortcode)',
        'ingested_at': copied,
        'refused': [('missing_key', clean_id('feed.shortcode', 'post') ~ ' is null')],
        'emptied': [
            ('impossible_number', any_impossible(clean_count, ['views', 'likes', 'comments', 'favourites']) ~ ' or '
                ~ any_impossible(duration_seconds, ['duration'])),
            ('future_timestamp', future_of_row % 'published_at'),
            ('impossible_timestamp', any_impossible(clean_time, ['published_at', 'created_at'])),
            ('unknown_value', is_unknown('lower', 'feed.post_type', ['video', 'short'])),
            ('missing_key', is_no_id('feed.channel_id', clean_id('feed.channel_id', 'channel'))),
        ],
    },
    'stg_beat_asset_log': {
        'source': source('beat_replica', 'asset_log'), 'ingested_at': copied,
        'key': '(upper(trimBoth(feed.platform)), upper(trimBoth(feed.entity_type)), trimBoth(feed.entity_id))',
        'refused': [('missing_key', clean_key('feed.platform') ~ ' is null or ' ~ clean_key('feed.entity_type')
            ~ ' is null or ' ~ clean_key('feed.entity_id') ~ ' is null')],
        'emptied': [('impossible_timestamp', any_impossible(clean_time, ['created_at']))],
    },
    'stg_beat_order': {
        'source': source('beat_replica', 'order'), 'ingested_at': copied,
        'key': '(upper(trimBoth(feed.platform)), trimBoth(feed.platform_order_id))',
        'refused': [('missing_key', clean_key('feed.platform') ~ ' is null or '
            ~ clean_key('feed.platform_order_id') ~ ' is null')],
        'emptied': [
            ('malformed_json', 'not isValidJSON(feed.order_data) or not isValidJSON(feed.utm_params)'),
            ('impossible_number', price ~ " != '' and " ~ clean_price(price) ~ ' is null'),
            ('impossible_timestamp', any_impossible(clean_time, ['created_at']) ~ ' or '
                ~ is_no_moment(order, 'created_at') ~ ' or ' ~ is_no_moment(order, 'cancelled_at') ~ ' or arrayExists(done -> '
                ~ is_no_moment('done', 'created_at') ~ ', JSONExtractArrayRaw(' ~ order ~ ", 'fulfillments'))"),
        ],
    },
    'stg_beat_scrape_request_log': {
        'source': source('beat_replica', 'scrape_request_log'), 'key': 'feed.id',
        'ingested_at': changed_at('feed'),
        'refused': [('unknown_value', 'upper(trimBoth(feed.status)) not in '
            ~ quote_words(['PENDING', 'PROCESSING', 'COMPLETE', 'FAILED']))],
        'emptied': [
            ('malformed_json', 'not isValidJSON(feed.params)'),
            ('impossible_number', any_impossible(clean_count, ['retry_count'])),
            ('impossible_timestamp', any_impossible(clean_time, ['created_at', 'picked_at', 'scraped_at', 'expires_at'])),
        ],
    },
    'stg_beat_post_activity_log': {
        'source': source('beat_replica', 'post_activity_log'), 'key': 'feed.id',
        'ingested_at': "coalesce(feed.timestamp, toDateTime64(0, 6, 'UTC'))",
        'refused': [
            ('missing_key', clean_id('feed.platform_post_id', 'post') ~ ' is null or feed.platform is null'
                ~ ' or feed.activity_type is null'),
            ('unknown_value', 'upper(trimBoth(feed.platform)) not in ' ~ quote_words(on_platform)
                ~ ' or upper(trimBoth(feed.activity_type)) not in ' ~ quote_words(['LIKE', 'COMMENT'])),
        ],
        'counts': ("coalesce(feed.metrics, '')", ['likes']),
        'emptied': [
            ('malformed_json', 'not isValidJSON(feed.dimensions) or not isValidJSON(feed.metrics)'),
            ('impossible_number', holds_what_is_no_count()),
        ],
    },
    'stg_beat_profile_relationship_log': {
        'source': source('beat_replica', 'profile_relationship_log'),
        'key': '(trimBoth(feed.target_profile_id), trimBoth(feed.source_profile_id), lower(trimBoth(feed.relationship_type)))',
        'ingested_at': "coalesce(feed.timestamp, toDateTime64(0, 6, 'UTC'))",
        'counts': ("coalesce(feed.source_metrics, '')", ['followers', 'following']),
        'refused': [
            ('missing_key', clean_key('feed.target_profile_id') ~ ' is null or ' ~ clean_key('feed.source_profile_id')
                ~ ' is null or ' ~ clean_key('feed.relationship_type') ~ ' is null'),
            ('unknown_value', 'lower(trimBoth(feed.relationship_type)) not in ' ~ quote_words(['follower', 'following'])),
        ],
        'emptied': [
            ('malformed_json', 'not isValidJSON(feed.source_dimensions) or not isValidJSON(feed.source_metrics)'),
            ('impossible_number', holds_what_is_no_count()),
            ('unknown_value', is_unknown('upper', 'feed.platform', on_platform)),
        ],
    },
    'stg_beat_instagram_profile_insights': {
        'source': source('beat_replica', 'instagram_profile_insights'), 'key': 'trimBoth(feed.profile_id)',
        'ingested_at': copied, 'refused': [('missing_key', clean_id('feed.profile_id', 'profile') ~ ' is null')],
        'emptied': [
            ('malformed_json', is_any_malformed(list_insight_weights('INSTAGRAM'))),
            ('impossible_number', is_any_weight_impossible(list_insight_weights('INSTAGRAM'))),
            ('impossible_timestamp', any_impossible(clean_time, ['created_at'])),
        ],
    },
    'stg_beat_youtube_profile_insights': {
        'source': source('beat_replica', 'youtube_profile_insights'), 'key': 'trimBoth(feed.channel_id)',
        'ingested_at': copied, 'refused': [('missing_key', clean_id('feed.channel_id', 'channel') ~ ' is null')],
        'emptied': [
            ('malformed_json', is_any_malformed(list_insight_weights('YOUTUBE'))),
            ('impossible_number', is_any_weight_impossible(list_insight_weights('YOUTUBE'))),
            ('impossible_timestamp', any_impossible(clean_time, ['created_at'])),
        ],
    },
    'stg_beat_credential': dict(listed, source=source('beat_replica', 'credential'), emptied=[
        ('impossible_timestamp', any_impossible(clean_time, ['created_at', 'disabled_till']))]),
} -%}
{{- return(rules.get(model_name) or list_product_reject_rules(model_name)) -}}
{%- endmacro %}
