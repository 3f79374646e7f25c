-- An account as its record says it is now, with its metrics.
select
    account.tableoid as source,
    account.handle,
    account.name,
    account.profile_pic_url,
    account.category,
    account.language,
    account.country,
    account.profile_type,
    account.creator_tier,
    account.follower_group,
    account.followers,
    account.following,
    account.posts,
    account.followers_rank_by_country,
    account.followers_rank_by_country_category,
    account.followers_rank_by_category,
    account.followers_rank_by_language,
    account.is_verified,
    account.is_private,
    account.is_followers_hidden,
    account.is_known_by_series_only,
    account.linked_platform,
    account.linked_platform_id,
    account.updated_at,
    account.group_key,
    account.metrics,
    account.grades,
    account.group_averages,
    account.metrics_crossing_definition_change
from {table} as account
where account.platform = %(platform)s
    and account.platform_id = %(platform_id)s
