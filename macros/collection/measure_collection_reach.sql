{#- Columns of reach and impressions from a relation that has platform, post_type, plays, views, likes, followers,
    captured_followers, captured_engagement_ratio, measured_reach and measured_impressions. Measured wins; else
    Instagram is estimated by kind of post (a story with the followers and engagement captured with it), and of a
    YouTube video each view counts as one reached and one impression, the only figures of YouTube: a video that
    nobody viewed reached nobody. -#}
{% macro measure_collection_reach() -%}
    coalesce(views, nullIf(plays, 0)) as shown,
    multiIf(
        platform = 'YOUTUBE', toFloat64(shown),
        post_type = 'story', {{ estimate_story_reach('captured_followers', 'captured_engagement_ratio') }},
        post_type = 'reels', {{ estimate_reel_reach('plays', 'followers') }},
        {{ estimate_static_reach('likes', 'followers') }}
    ) as estimated_reach,
    coalesce(toFloat64(measured_reach), estimated_reach) as reach,
    multiIf(
        platform = 'YOUTUBE', toFloat64(shown),
        post_type = 'story', null,
        post_type = 'reels', {{ estimate_reel_impressions('plays', 'reach') }},
        {{ estimate_static_impressions('likes', 'reach') }}
    ) as estimated_impressions,
    coalesce(toFloat64(measured_impressions), estimated_impressions) as impressions,
    if(reach is null, null, toBool(measured_reach is null)) as reach_is_estimated,
    if(impressions is null, null, toBool(measured_impressions is null)) as impressions_is_estimated,
    likes + comments as engagement,
    {{ divide('engagement', 'reach') }} as engagement_by_reach_ratio,
    {{ divide('engagement', 'followers') }} as engagement_by_followers_ratio
{%- endmacro %}
