"""The boards by DuckDB: the SQL of their input, of their ranks, and of the rows that are published."""

from __future__ import annotations

from bench.contenders.daily_files import BOARDS, STEMS, WITHIN, Rules


def _state(rules: Rules, month: str) -> str:
    moment = f"timestamp '{rules.as_of}'"
    return (
        f"case when {month} >= month_of({moment}) then 'MTD' when {moment} < {month} + interval 1 month"
        f" + interval {rules.closing.days} day then 'CLOSING' else 'FINAL' end as month_state"
    )


def instagram_rows(rules: Rules) -> str:
    """The months of Instagram profiles, with what is known of each profile."""
    return f"""
        select
            date as month, 'IA' as profile_platform, series.* exclude (date, platform, monthly_stats),
            profiles.* exclude (platform_id), {_state(rules, "date")},
            coalesce(coalesce(handle, name) is not null and followers >= 1 and (views > 0 or views_total_change > 0),
                false) as is_eligible
        from time_series as series left join profiles using (platform_id)
        where series.platform = 'INSTAGRAM' and monthly_stats and date <= month_of(timestamp '{rules.as_of}')
    """


def youtube_rows(rules: Rules) -> str:
    """The months of channels, also those that only the dumps of a vendor know."""
    return f"""
        with live as (
            select date as month, platform_id, 1 as precedence, followers, views_total, uploads_total
            from months
            where platform = 'YOUTUBE'
        ),
        legacy as (
            select
                try_cast(regexp_replace(trim(month), '^([0-9]{{4}})-?([0-9]{{2}}).*$', '\\1-\\2-01') as date) as month,
                trim(id) as platform_id, 2 as precedence,
                case when lifetime_subscribers between 0 and 9e15 then lifetime_subscribers end as followers,
                case when lifetime_views between 0 and 9e15 then lifetime_views end as views_total,
                case when lifetime_uploads between 0 and 9e15 then lifetime_uploads end as uploads_total
            from dumps
            where
                regexp_full_match(trim(month), '20[0-9]{{2}}-?(0[1-9]|1[0-2])(-?[0-9]{{2}})?')
                and coalesce(followers, views_total, uploads_total) is not null
        ),
        known as (
            from live where coalesce(followers, views_total, uploads_total) is not null
            union all
            from legacy
        ),
        deduplicated as (
            from (
                from known
                union all
                from live
                where platform_id not in (select platform_id from known)
                    and (platform_id, month) in (
                        select (platform_id, date) from months where platform = 'YOUTUBE' and uploads > 0
                    )
            )
            where month <= month_of(timestamp '{rules.as_of}')
            qualify row_number() over (
                partition by month, platform_id
                order by precedence, views_total desc nulls last, followers desc nulls last,
                    uploads_total desc nulls last
            ) = 1
        ),
        levels as (
            select
                *, followers as seen_followers,
                last_value(followers ignore nulls) over (partition by platform_id order by month) as stands_with
            from deduplicated
        )
        select
            own.month, 'YA' as profile_platform, own.platform_id, own.stands_with as followers,
            own.seen_followers - before.seen_followers as followers_change,
            grown(own.views_total, before.views_total) as views_total_change,
            grown(own.uploads_total, before.uploads_total) as uploads_total_change,
            posts.views, null::bigint as plays, posts.likes, posts.comments, posts.engagement, posts.uploads,
            ratio(posts.rated_engagement, posts.rated_posts * own.stands_with) as engagement_ratio,
            ratio(posts.watched_engagement, posts.watched_views) as engagement_by_views_ratio,
            channels.* exclude (platform_id, is_hiding), {_state(rules, "own.month")},
            coalesce(
                coalesce(handle, name) is not null
                and (
                    own.stands_with >= 1 and (posts.views > 0 or views_total_change > 0)
                    or own.stands_with is null and posts.views > 0 and not coalesce(is_hiding, false)
                ),
                false
            ) as is_eligible
        from levels as own
        left join levels as before
            on own.platform_id = before.platform_id and own.month = before.month + interval 1 month
        left join months as posts
            on posts.platform = 'YOUTUBE' and posts.platform_id = own.platform_id and posts.date = own.month
        left join channels on channels.platform_id = own.platform_id
    """


COMBINED = """
    with sides as (
        select *, false as is_channel from instagram
        union all by name
        select
            youtube.* replace (
                case when links.profile_id is null then 'YA' else 'IA' end as profile_platform,
                coalesce(links.profile_id, youtube.platform_id) as platform_id
            ),
            true as is_channel
        from youtube left join links on links.channel_id = youtube.platform_id
    )
    select
        month, profile_platform, platform_id,
        coalesce(max(handle) filter (not is_channel), max(handle) filter (is_channel)) as handle,
        coalesce(max(name) filter (not is_channel), max(name) filter (is_channel)) as name,
        coalesce(max(category) filter (is_channel), max(category) filter (not is_channel)) as category,
        coalesce(max(language) filter (is_channel), max(language) filter (not is_channel)) as language,
        coalesce(max(country) filter (is_channel), max(country) filter (not is_channel)) as country,
        case when bool_or(coalesce(profile_type, 'CREATOR') = 'CREATOR') then 'CREATOR' else max(profile_type) end
            as profile_type,
        any_value(month_state) as month_state,
        sum(followers)::bigint as followers, sum(followers_change)::bigint as followers_change,
        null::bigint as views_total_change, null::bigint as uploads_total_change,
        sum(views)::bigint as views, null::bigint as plays, sum(likes)::bigint as likes,
        sum(comments)::bigint as comments, sum(engagement)::bigint as engagement, sum(uploads)::bigint as uploads,
        null::double as engagement_ratio, null::double as engagement_by_views_ratio,
        bool_or(is_eligible) as is_eligible
    from sides
    group by month, profile_platform, platform_id
    having bool_or(is_eligible)
"""


def ranked_rows(board: str, base: str) -> str:
    """One sort for each order, and one window for each rank along it."""
    places, ranks = [], []
    for stem in BOARDS[board]:
        order = ", ".join(f"{metric} desc nulls last" for metric in STEMS[stem])
        places.append(f"row_number() over (order by {order}, profile_platform, platform_id) as place_{stem}")
        eligible = " and uploads >= 3 and followers >= 1000" if stem == "engagement_rank" else ""
        for suffix, within in WITHIN.items():
            is_ranked = " and ".join(f"{name} is not null" for name in (STEMS[stem][0], *within)) + eligible
            group = ", ".join(["month", f"coalesce({is_ranked}, false)", *within])
            window = f"row_number() over (partition by {group} order by place_{stem})"
            ranks.append(f"case when {is_ranked} then {window} end as {stem}{suffix}")
    return f"""
        select * exclude ({", ".join(f"place_{stem}" for stem in BOARDS[board])}), {", ".join(ranks)}
        from (
            select * replace (coalesce(profile_type, 'CREATOR') as profile_type), {", ".join(places)}
            from {base}
            where is_eligible
        )
    """


def published_rows(board: str, rules: Rules) -> str:
    """The rows within the cut, with their ranks of now and of the month before."""
    keys = {f"{stem}{suffix}": within for stem in BOARDS[board] for suffix, within in WITHIN.items()}
    current = ", ".join(f"'\"{key}\": ' || own.{key}" for key in keys)
    before = {
        key: f"case when {' and '.join(f'own.{name} = before.{name}' for name in within)} then before.{key} end"
        if within
        else f"before.{key}"
        for key, within in keys.items()
    }
    last = ", ".join(f"'\"{key}\": ' || {value}" for key, value in before.items())
    ranks = ", ".join(
        f"{f'own.{stem}' if stem in keys else 'null::bigint'} as {stem},"
        f" {f'before.{stem}' if stem in keys else 'null::bigint'} as {stem}_prev"
        for stem in STEMS
    )
    platform = "" if board == "ALL" else f"where platform = '{board}'"
    return f"""
        select
            own.month, '{board}' as platform, own.profile_platform, own.platform_id, own.handle, own.name,
            own.category, own.language, own.country, own.profile_type, own.month_state, own.followers,
            own.followers_change, own.views_total_change, own.uploads_total_change, own.views, own.plays, own.likes,
            own.comments, own.engagement, own.uploads, own.engagement_ratio, own.engagement_by_views_ratio,
            own.month in (select month_of(from_date) from definitions {platform}) as crosses_definition_change,
            {ranks},
            '{{' || concat_ws(', ', {current}) || '}}' as current_month_ranks,
            '{{' || concat_ws(', ', {last}) || '}}' as last_month_ranks,
            timestamp '{rules.as_of}' as computed_as_of
        from board_{board} as own
        left join board_{board} as before
            on own.month = before.month + interval 1 month and own.profile_platform = before.profile_platform
            and own.platform_id = before.platform_id
        where least({", ".join(f"own.{key}" for key in keys)}) <= {rules.cut}
    """
