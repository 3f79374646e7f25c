-- Large accounts of the market of whom the language model has not said `wanted` yet, largest first.
select
    assumeNotNull(account.handle) as entity,
    0 as priority,
    account.handle as handle,
    account.name as name,
    account.biography as bio
from mart_instagram_account as account
left join mart_instagram_gpt_basic_data as answer on account.handle = answer.handle
where
    account.handle is not null
    and account.followers >= {followers:Int64}
    and (empty({countries:Array(String)}) or has({countries:Array(String)}, ifNull(account.country, '')))
    and multiIf(
        {wanted:String} = 'gender', answer.gender is null,
        {wanted:String} = 'location', answer.city is null,
        {wanted:String} = 'language', answer.language is null or account.category is null,
        {wanted:String} = 'any', answer.gender is null or answer.city is null or answer.language is null,
        false
    )
-- A handle that two profiles have had is asked about once.
order by assumeNotNull(account.followers) desc, entity
limit 1 by entity
