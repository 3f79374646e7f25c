-- Large accounts of the market whose latest guess at the audience's cities has so few that it is worth another, largest
-- first.
select
    assumeNotNull(account.handle) as entity,
    0 as priority,
    account.handle as handle,
    account.name as name,
    account.biography as bio
from mart_instagram_account as account
inner join mart_audience_info_gpt as guess on account.profile_id = guess.platform_id
where
    guess.platform = 'INSTAGRAM'
    and account.handle is not null
    and account.followers >= {followers:Int64}
    and (empty({countries:Array(String)}) or has({countries:Array(String)}, ifNull(account.country, '')))
    -- The mart takes a guess of four cities or fewer for none.
    and empty(guess.city_ratios)
order by assumeNotNull(account.followers) desc, entity
limit 1 by entity
