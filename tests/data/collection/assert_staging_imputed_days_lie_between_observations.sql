-- A day is imputed exactly if the post was not observed on it, and lies between two observations, the last of them not
-- after as_of().
with spans as (
    select platform, post_shortcode, min(date) as first_date, max(date) as last_date, groupArray(date) as dates
    from {{ ref_latest('mart_collection_post_observation') }}
    where date <= {{ as_of_date() }}
    group by platform, post_shortcode
)

select imputed.platform, imputed.post_shortcode, imputed.date
from {{ ref('mart_staging_collection_post_imputed') }} as imputed
left join spans on imputed.platform = spans.platform and imputed.post_shortcode = spans.post_shortcode
where not (
    spans.post_shortcode is not null
    and imputed.date between spans.first_date and spans.last_date
    and imputed.is_imputed = not has(spans.dates, imputed.date)
)
