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
where genre.platform = %(platform)s
    and genre.month = %(month)s::date -- if month
    and genre.month = (select max(month) from {table}) -- unless month
    and genre.language = %(language)s
    and genre.profile_type = %(profile_type)s
    and genre.category = %(category)s -- if category
order by genre.followers desc, genre.category
