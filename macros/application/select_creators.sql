{#- The accounts of a platform as the application shows a creator, from its account mart: the attributes, and maps of
    metrics, grades and means of the peer group by the metric's name. -#}
{% macro select_creators(platform) -%}
{%- set own = {
    'INSTAGRAM': {
        'mart': 'mart_instagram_account', 'id': 'profile_id', 'linked': 'linked_channel_id', 'other': 'YOUTUBE',
        'handle': 'handle', 'name': 'name', 'posts': 'total_posts', 'following': 'following',
        'is_private': 'is_private', 'is_followers_hidden': 'cast(null as Nullable(Bool))',
    },
    'YOUTUBE': {
        'mart': 'mart_youtube_account', 'id': 'channel_id', 'linked': 'linked_profile_id', 'other': 'INSTAGRAM',
        'handle': 'custom_url', 'name': 'title', 'posts': 'uploads', 'following': 'cast(null as Nullable(Int64))',
        'is_private': 'cast(null as Nullable(Bool))', 'is_followers_hidden': 'is_subscriber_count_hidden',
    },
}[platform] -%}
{%- set metrics, grades, means = {}, {}, {} -%}
{%- for metric in list_shown_metrics(platform) -%}{%- do metrics.update({metric: 'account.' ~ metric}) -%}{%- endfor -%}
{%- for metric in list_graded_metrics(platform) -%}
    {%- do grades.update({metric: metric ~ '_grade'}) -%}
    {%- do means.update({metric: metric ~ '_group_avg'}) -%}
{%- endfor -%}
select
    '{{ platform }}' as platform,
    account.{{ own.id }} as platform_id,
    if(account.{{ own.linked }} is null, null, '{{ own.other }}') as linked_platform,
    account.{{ own.linked }} as linked_platform_id,
    account.group_key as group_key,
    account.{{ own.handle }} as handle,
    account.{{ own.name }} as name,
    account.profile_pic_url as profile_pic_url,
    account.category as category,
    account.language as language,
    account.country as country,
    account.profile_type as profile_type,
    account.creator_tier as creator_tier,
    account.follower_group as follower_group,
    account.followers as followers,
    {{ own.following }} as following,
    account.{{ own.posts }} as posts,
    account.followers_rank_by_country as followers_rank_by_country,
    account.followers_rank_by_country_category as followers_rank_by_country_category,
    account.followers_rank_by_category as followers_rank_by_category,
    account.followers_rank_by_language as followers_rank_by_language,
    {{ map_of_numbers(metrics) | indent(4) }} as metrics,
    {{ map_of_words(grades) | indent(4) }} as grades,
    {{ map_of_numbers(means) | indent(4) }} as group_averages,
    account.is_verified as is_verified,
    {{ own.is_private }} as is_private,
    {{ own.is_followers_hidden }} as is_followers_hidden,
    account.updated_at as updated_at
from {{ ref(own.mart) }} as account
{%- endmacro %}
