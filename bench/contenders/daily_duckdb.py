"""The published rows of the boards and the series by DuckDB, from Parquet to CSV: one database, statements in order."""

from __future__ import annotations

from pathlib import Path

import duckdb

from bench.contenders import daily_duckdb_boards as boards
from bench.contenders.daily_files import BOARDS, FLAGS, INPUTS, POST, PROFILE, PUBLISHED, Rules, columns_of

# A counter is a whole number from 0 to 9e15, as a number or in quotes.
MACROS = """
create macro counter(text) as case
    when regexp_full_match(trim(text), '[+-]?[0-9]+') then
        case when try_cast(trim(text) as bigint) between 0 and 9000000000000000 then try_cast(trim(text) as bigint) end
    when try_cast(text as double) between 0 and 9e15 and try_cast(text as double) = trunc(try_cast(text as double))
        then try_cast(text as double)::bigint
end;
create macro ratio(a, b) as a::double / nullif(b::double, 0);
create macro grown(now, before) as case when now - before between 0 and 9000000000000000 then now - before end;
create macro week_of(moment) as (moment::date - dayofweek(moment)::integer);
create macro month_of(moment) as date_trunc('month', moment)::date;
"""


def build(folder: Path, rules: Rules) -> dict[str, Path]:
    """Make the rows of both tables; returns the CSV file of each."""
    with duckdb.connect() as database:
        database.execute(MACROS)
        for name in INPUTS:
            database.execute(f"create view {name} as from '{folder / name}.parquet'")
        database.execute(f"create table profile as {_snapshots('profile_events', PROFILE, rules)}")
        database.execute(f"create table post as {_snapshots('post_events', POST, rules)}")
        for grain in ("week", "month"):
            database.execute(f"create table {grain}s as {_periods(grain, rules)}")
        database.execute(f"create table time_series as {_series('week')} union all {_series('month')}")
        database.execute(f"create table instagram as {boards.instagram_rows(rules)}")
        database.execute(f"create table youtube as {boards.youtube_rows(rules)}")
        database.execute(f"create table everywhere as {boards.COMBINED}")
        for board, base in (("INSTAGRAM", "instagram"), ("YOUTUBE", "youtube"), ("ALL", "everywhere")):
            database.execute(f"create table board_{board} as {boards.ranked_rows(board, base)}")
        parts = [boards.published_rows(board, rules) for board in BOARDS]
        database.execute(f"create table leaderboard as {' union all by name '.join(parts)}")
        files = {table: folder / f"{table}.duckdb.csv" for table in PUBLISHED}
        for table, file in files.items():
            database.execute(f"copy (select {', '.join(columns_of(table))} from {table}) to '{file}' (header false)")
    return files


def _snapshots(feed: str, fields: dict[str, tuple[str, ...]], rules: Rules) -> str:
    """Events that can be, the last delivery of each, with their counters; the document is parsed once."""
    names = [name for spellings in fields.values() for name in spellings]
    paths = ", ".join(f"'$.{name}'" for name in names)
    sent = {
        field: f"coalesce({', '.join(f'counter(texts[{names.index(name) + 1}])' for name in spellings)})"
        for field, spellings in fields.items()
    }
    counters = ", ".join(
        f"case when not contains(metrics, '\"{FLAGS[field]}\":true') then {value} end as {field}"
        if feed == "post_events"
        else f"{value} as {field}"
        for field, value in sent.items()
    )
    own = "shortcode, make_timestamp(epoch_us(published)) as published," if feed == "post_events" else ""
    return f"""
        select
            event_id, platform, profile_id as platform_id, {own} {counters}, happened, ingested,
            epoch(happened)::bigint || event_id as position
        from (
            select
                * replace (
                    upper(trim(platform)) as platform,
                    make_timestamp(epoch_us(happened)) as happened,
                    make_timestamp(epoch_us(ingested)) as ingested
                ),
                try(json_extract_string(metrics, [{paths}])) as texts
            from {feed}
            where not starts_with(source, 'openapi_profile_info_')
        )
        where
            platform in ('INSTAGRAM', 'YOUTUBE')
            and happened >= timestamp '2005-01-01'
            and happened <= ingested + interval {rules.skew.seconds} second
            and ingested <= timestamp '{rules.as_of}'
            and coalesce({", ".join(sent.values())}) is not null
        qualify row_number() over (partition by event_id order by ingested desc) = 1
    """


def _periods(grain: str, rules: Rules) -> str:
    """Levels at the end of each account's week or month, and the sums of the posts published in it."""
    levels = ", ".join(f"arg_max({field}, position) as {field}" for field in PROFILE)
    last = ", ".join(f"arg_max({field}, position) as {field}" for field in POST)
    both = "case when watched > 0 and likes + comments > watched then null else likes + comments end"
    return f"""
        with levels as (
            select platform, platform_id, {grain}_of(happened) as date, {levels}, max(happened) as profile_seen
            from profile
            group by all
        ),
        posts as (
            select platform, platform_id, {grain}_of(published) as date, shortcode, {last}, max(happened) as seen
            from post
            where
                coalesce(likes, comments, plays, views) is not null
                and published >= timestamp '2005-01-01'
                and published <= happened + interval {rules.skew.seconds} second
                and happened <= {grain}_of(published) + interval 1 {grain} + interval {rules.closing.days} day
            group by all
        ),
        cohorts as (
            select
                platform, platform_id, date, count(*) as uploads, sum(plays)::bigint as plays,
                sum(watched)::bigint as views, sum(likes)::bigint as likes, sum(comments)::bigint as comments,
                count({both}) as rated_posts, sum({both})::bigint as rated_engagement,
                sum(case when watched > 0 then {both} end)::bigint as watched_engagement,
                sum(case when watched > 0 and {both} is not null then watched end)::bigint as watched_views,
                max(seen) as posts_seen
            from (select *, coalesce(plays, views) as watched from posts)
            group by all
        )
        select
            * exclude (profile_seen, posts_seen),
            case when likes is not null or comments is not null then coalesce(likes, 0) + coalesce(comments, 0) end
                as engagement,
            greatest(profile_seen, posts_seen) as last_event_at
        from levels full join cohorts using (platform, platform_id, date)
    """


def _series(grain: str) -> str:
    instagram = "own.platform = 'INSTAGRAM'"
    return f"""
        select
            own.platform, own.platform_id, {str(grain == "month").lower()} as monthly_stats, own.date, own.followers,
            case when {instagram} then own.following end as following,
            case when not {instagram} then own.views_total end as views_total,
            own.uploads_total,
            own.followers - before.followers as followers_change,
            case when not {instagram} then grown(own.views_total, before.views_total) end as views_total_change,
            grown(own.uploads_total, before.uploads_total) as uploads_total_change,
            own.views, own.uploads,
            case when {instagram} then own.plays end as plays,
            own.likes, own.comments, own.engagement,
            ratio(own.rated_engagement, own.rated_posts * own.followers) as engagement_ratio,
            ratio(own.watched_engagement, own.watched_views) as engagement_by_views_ratio,
            (own.platform, own.date) in (select (platform, {grain}_of(from_date)) from definitions)
                as crosses_definition_change,
            own.last_event_at
        from {grain}s as own
        left join {grain}s as before
            on own.platform = before.platform and own.platform_id = before.platform_id
            and own.date = before.date + interval 1 {grain}
    """
