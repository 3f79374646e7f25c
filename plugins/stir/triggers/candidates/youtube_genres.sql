-- Every category of the house in each of the languages that most channels speak; where most channels are, first.
with languages as (
    select language, count() as channels
    from mart_youtube_account
    where language is not null
    group by language
    order by channels desc, language
    limit {languages:UInt8}
),

spoken as (
    select category, language, count() as channels
    from mart_youtube_account
    group by category, language
)

select
    concat(topic.category, ' in ', languages.language) as entity,
    0 as priority,
    topic.category as category,
    languages.language as language
from category as topic
cross join languages
left join spoken on topic.category = spoken.category and languages.language = spoken.language
order by ifNull(spoken.channels, 0) desc, category, language
