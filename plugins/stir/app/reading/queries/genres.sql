-- How large each genre is in a month on a platform.
select
    genre.tableoid as source,
    genre.month,
    genre.month_state,
    genre.platform,
    genre.language,
    genre.category,
    genre.profile_type,
    genre.creators,
    genre.followers,
    genre.followers_change,
    genre.views,
    genre.likes,
    genre.comments,
    genre.engagement,
    genre.uploads,
    genre.crosses_definition_change,
    genre.engagement_ratio,
    genre.engagement_by_views_ratio,
    genre.male_ratio,
    genre.female_ratio,
    genre.age_ratios
from {table} as genre
where genre.month = coalesce(%(month)s::date, (select max(month) from {table}))
    and genre.platform = %(platform)s
    and genre.language = %(language)s
    and genre.profile_type = %(profile_type)s
    and (%(category)s::text is null or genre.category = %(category)s)
order by genre.followers desc, genre.category
