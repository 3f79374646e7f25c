{#- A model's body. Plain and trimmed averages per profile over its recent posts (the last 12), overall and per
    class. Trimmed: posts with a known value are ranked by likes (reels by plays), the top 2 and bottom 2 are
    dropped, and at least 5 such posts are needed; ties by shortcode. Accounts without posts have a row with zero
    posts. -#}
{% macro summarise_instagram_accounts(recent_posts) -%}
{%- set cut = var('trimmed_each_end') -%}
{%- set needed = var('trimmed_min_posts') -%}
with accounts as (
    select profile_id, followers, following, media_count
    from {{ ref_latest('stg_beat_instagram_account') }}
),

recent_posts as (
    select
        post_shortcode, profile_id, post_class, likes, comments, views, plays, reach, impressions,
        engagement_ratio, engagement_by_reach_ratio, is_recent, is_recent_in_class,
        if(post_class = 'reels', plays, likes) as class_yardstick
    from {{ ref(recent_posts) }}
),

placed as (
    select
        *,
        is_recent and likes is not null as has_place,
        is_recent_in_class and class_yardstick is not null as has_class_place,
        row_number() over (partition by profile_id, has_place order by likes desc, post_shortcode asc) as place,
        count() over (partition by profile_id, has_place) as places,
        row_number() over (
            partition by profile_id, post_class, has_class_place order by class_yardstick desc, post_shortcode asc
        ) as class_place,
        count() over (partition by profile_id, post_class, has_class_place) as class_places
    from recent_posts
),

scoped as (
    select
        *,
        is_recent as in_all,
        is_recent_in_class and post_class = 'reels' as in_reels,
        is_recent_in_class and post_class = 'static' as in_static,
        has_place and places >= {{ needed }} and place > {{ cut }} and place <= places - {{ cut }} as kept_in_all,
        has_class_place and class_places >= {{ needed }} and class_place > {{ cut }}
        and class_place <= class_places - {{ cut }} as kept_in_class,
        kept_in_class and post_class = 'reels' as kept_in_reels,
        kept_in_class and post_class = 'static' as kept_in_static
    from placed
),

post_stats as (
    select
        profile_id,
        countIf(in_all) as recent_posts,
        countIf(in_reels) as recent_reels,
        countIf(in_static) as recent_static,
        countIf(kept_in_all) as trimmed_posts,
        countIf(kept_in_reels) as trimmed_reels,
        countIf(kept_in_static) as trimmed_static,
        maxIf(scoped.likes, in_all) as max_likes,
        {{ ratio_of_sums('if(in_all, scoped.likes, null)', 'if(in_all, scoped.comments, null)') }}
            as likes_to_comment_ratio
        {%- for average in list_summary_averages() %},
        avgIf(scoped.{{ average.column }}, in_{{ average.scope }}) as {{ average.name }},
        avgIf(scoped.{{ average.column }}, kept_in_{{ average.scope }}) as {{ average.name }}_trimmed
        {%- endfor %}
    from scoped
    group by profile_id
)

select
    accounts.profile_id as profile_id,
    accounts.followers as followers,
    accounts.following as following,
    accounts.media_count as total_posts,
    post_stats.recent_posts as recent_posts,
    post_stats.recent_reels as recent_reels,
    post_stats.recent_static as recent_static,
    post_stats.trimmed_posts as trimmed_posts,
    post_stats.trimmed_reels as trimmed_reels,
    post_stats.trimmed_static as trimmed_static,
    {%- for average in list_summary_averages() %}
    post_stats.{{ average.name }} as {{ average.name }},
    post_stats.{{ average.name }}_trimmed as {{ average.name }}_trimmed,
    {%- endfor %}
    {{ divide('100 * post_stats.max_likes', 'post_stats.avg_likes') }} as likes_spread_pct,
    post_stats.likes_to_comment_ratio as likes_to_comment_ratio,
    {{ estimate_story_reach('accounts.followers', 'post_stats.engagement_ratio') }} as story_reach,
    {{ divide('accounts.followers', 'accounts.following') }} as followers_following_ratio,
    {{ as_of() }} as computed_at
from accounts
inner join post_stats on accounts.profile_id = post_stats.profile_id
{%- endmacro %}
