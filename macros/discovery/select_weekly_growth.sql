{#- Growth of Instagram followers at as_of() from weekly levels. The level at a moment is that of the last complete week
    before it, at most a tolerance older; now is this week or the last. Without either the growth is NULL. -#}
{% macro select_weekly_growth() -%}
{%- set tolerance_days = {7: 7, 30: 7, 90: 14, 365: 30} -%}
select
    platform_id as profile_id,
    avgIf(toFloat64(weekly.uploads), weekly.uploads > 0) as avg_posts_per_week,
    argMaxOrNullIf(
        weekly.followers, weekly.date, weekly.followers is not null and weekly.date > {{ as_of_date() }} - 14
    ) as followers_now
    {%- for days, tolerance in tolerance_days.items() %},
    argMaxOrNullIf(
        weekly.followers,
        weekly.date,
        weekly.followers is not null
        and weekly.date <= {{ as_of_date() }} - {{ days + 7 }}
        and weekly.date > {{ as_of_date() }} - {{ days + 7 + tolerance }}
    ) as followers_{{ days }}d_ago,
    followers_now - followers_{{ days }}d_ago as followers_growth_{{ days }}d
    {%- endfor %},
    {{ divide('100 * followers_growth_30d', 'followers_30d_ago') }} as followers_growth_30d_pct
from {{ ref_latest('mart_instagram_account_weekly', 'weekly') }}
where weekly.date <= {{ as_of_date() }}
group by platform_id
{%- endmacro %}
