-- Large accounts of the market without a guess at the audience's ages and genders, largest first.
select
    assumeNotNull(account.handle) as entity,
    0 as priority,
    account.handle as handle,
    account.name as name,
    account.biography as bio,
    account.category as category
from mart_instagram_account as account
left join mart_audience_info_gpt as guess
    on guess.platform = 'INSTAGRAM' and account.profile_id = guess.platform_id
where
    account.handle is not null
    and account.followers >= {followers:Int64}
    and (empty({countries:Array(String)}) or has({countries:Array(String)}, ifNull(account.country, '')))
    and empty(guess.age_group_ratios)
order by assumeNotNull(account.followers) desc, entity
limit 1 by entity
