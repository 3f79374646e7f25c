"""Series, growth and leaderboards by their definitions, in Polars, from the source tables.

Written from the descriptions of the models and not from their SQL: what a counter is, which snapshot stands for a
period, when a period closes, who is on a board and how ties are broken.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

import polars as pl

from stir.settings import PROJECT_DIR

from .ratios import RATED, rated, watched

CLOSING = timedelta(days=3)
CLOCK_SKEW = timedelta(minutes=10)
OLDEST = datetime(2005, 1, 1)
LOGIC_REVISION = 1
WHOLE = re.compile(r"[+-]?\d+$")

CHAINS = {
    "followers_rank": ("followers", "followers_change", "views"),
    "followers_change_rank": ("followers_change", "followers", "views"),
    "views_rank": ("views", "followers", "followers_change"),
    "plays_rank": ("plays", "followers", "followers_change"),
    "engagement_rank": ("engagement_ratio", "followers"),
}
SUMMED = ("views", "uploads", "plays", "likes", "comments", "engagement")
WITHIN = {"cat": "category", "lang": "language", "profile": "profile_type"}
BOARD_RANKS = {
    "INSTAGRAM": tuple(CHAINS),
    "YOUTUBE": ("followers_rank", "followers_change_rank", "views_rank", "engagement_rank"),
    "ALL": ("followers_rank", "followers_change_rank", "views_rank"),
}


def count(value: object) -> int | None:
    """A counter of a feed: a whole number from 0 to 9e15, as a number or in quotes."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if WHOLE.match(text):
        number = float(int(text))
        exact = int(text)
    else:
        try:
            number = float(text)
        except ValueError:
            return None
        if not number.is_integer():
            return None
        exact = int(number)
    return exact if 0 <= number <= 9e15 else None


@cache
def counters(document: str) -> dict[str, int | None]:
    """The counters of a JSON object; none from anything else."""
    try:
        found = json.loads(document)
    except ValueError:
        return {}
    return {name: count(value) for name, value in found.items()} if isinstance(found, dict) else {}


def first_of(document: str, *names: str) -> int | None:
    return next((value for name in names if (value := counters(document).get(name)) is not None), None)


FLAGS = dict.fromkeys(("likes", "plays", "views"), "like_and_view_counts_disabled") | {"comments": "comments_disabled"}
"""Counter of a post to the flag that says that it means nothing."""


def snapshots(events: pl.DataFrame, fields: dict[str, tuple[str, ...]], as_of: datetime) -> pl.DataFrame:
    """Events that can be, the last delivery of each, with their counters, in the order of (event time, event id)."""

    def reader(names: tuple[str, ...]) -> Callable[[str], int | None]:
        return lambda text: first_of(text, *names)

    read = [pl.col("metrics").map_elements(reader(names), pl.Int64).alias(field) for field, names in fields.items()]
    return (
        events.filter(
            ~pl.col("source").str.starts_with("openapi_profile_info_"),
            pl.col("platform").is_in(["INSTAGRAM", "YOUTUBE"]),
            pl.col("at") >= OLDEST,
            pl.col("at") <= pl.col("ingested") + CLOCK_SKEW,
            pl.col("ingested") <= as_of,
        )
        .sort("ingested")
        .unique("event_id", keep="last", maintain_order=True)
        .with_columns(read)
        .filter(pl.any_horizontal(pl.col(field).is_not_null() for field in fields))
        .with_columns(
            pl.when(~pl.col("metrics").str.contains(f'"{flag}":true', literal=True)).then(pl.col(field)).alias(field)
            for field, flag in FLAGS.items()
            if field in fields
        )
        .sort("at", "event_id")
    )


def start_of(moment: pl.Expr, grain: str) -> pl.Expr:
    day = moment.dt.date()
    return day.dt.truncate("1mo") if grain == "month" else day - pl.duration(days=day.dt.weekday() % 7)


def shifted(day: pl.Expr, grain: str, periods: int = 1) -> pl.Expr:
    return day.dt.offset_by(f"{periods}{'mo' if grain == 'month' else 'w'}")


def last_known(*fields: str) -> list[pl.Expr]:
    return [pl.col(field).drop_nulls().last() for field in fields]


def known_sum(field: str) -> pl.Expr:
    """Sum of what is known, unknown where nothing is."""
    return pl.when(pl.col(field).is_not_null().any()).then(pl.col(field).sum())


def plus_known(a: str, b: str) -> pl.Expr:
    known = pl.col(a).is_not_null() | pl.col(b).is_not_null()
    return pl.when(known).then(pl.col(a).fill_null(0) + pl.col(b).fill_null(0))


def account_periods(profiles: pl.DataFrame, posts: pl.DataFrame, grain: str) -> pl.DataFrame:
    """Levels at the end of each account's week or month, and the sums of the posts published in it."""
    key = ["platform", "platform_id", "date"]
    levels = (
        profiles.with_columns(date=start_of(pl.col("at"), grain))
        .group_by(key, maintain_order=True)
        .agg(
            *last_known("followers", "following", "views_total", "uploads_total"),
            pl.col("at").max().alias("profile_seen"),
            pl.col("ingested").max().alias("profile_ingested_at"),
        )
    )
    cohorts = (
        posts.filter(pl.any_horizontal(pl.col("likes", "comments", "plays", "views").is_not_null()))
        .filter(pl.col("published").is_between(OLDEST, pl.col("at") + CLOCK_SKEW))
        .with_columns(date=start_of(pl.col("published"), grain))
        .filter(pl.col("at") <= shifted(pl.col("date"), grain).cast(pl.Datetime("us")) + CLOSING)
        .group_by([*key, "shortcode"], maintain_order=True)
        .agg(*last_known("likes", "comments", "plays", "views"), pl.col("at").max(), pl.col("ingested").max())
        .pipe(rated)
        .with_columns(views=watched())
        .group_by(key)
        .agg(
            pl.len().cast(pl.Int64).alias("uploads"),
            *(known_sum(field).alias(field) for field in ("likes", "comments", "plays", "views", *RATED)),
            pl.col("at").max().alias("posts_seen"),
            pl.col("ingested").max().alias("posts_ingested_at"),
        )
    )
    return levels.join(cohorts, on=key, how="full", coalesce=True).with_columns(
        engagement=plus_known("likes", "comments"),
        last_event_at=pl.max_horizontal("profile_seen", "posts_seen"),
        # Of each feed: the arrivals of the one that is ahead would hide what the other brings.
        _version=pl.lit(LOGIC_REVISION * 2**48)
        + pl.sum_horizontal(pl.col("profile_ingested_at", "posts_ingested_at").dt.epoch("ms")),
    )


def with_previous(rows: pl.DataFrame, grain: str, *fields: str) -> pl.DataFrame:
    """The fields of the period exactly before beside the row's own, as previous_*."""
    key = ["platform", "platform_id", "date"]
    before = rows.select(
        "platform", "platform_id", shifted(pl.col("date"), grain).alias("date"),
        *(pl.col(field).alias(f"previous_{field}") for field in fields),
    )  # fmt: skip
    return rows.join(before, on=key, how="left")


def gained(field: str) -> pl.Expr:
    """Growth of a lifetime counter, unknown when it falls."""
    change = pl.col(field) - pl.col(f"previous_{field}")
    return pl.when(change >= 0).then(change)


def ratio(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    return pl.when(b != 0).then(a.cast(pl.Float64) / b.cast(pl.Float64))


def series(periods: pl.DataFrame, grain: str) -> pl.DataFrame:
    """mart_time_series of one grain."""
    instagram = pl.col("platform") == "INSTAGRAM"
    both = with_previous(periods, grain, "followers", "views_total", "uploads_total", "_version")
    return both.select(
        "platform", "platform_id", pl.lit(grain == "month").alias("monthly_stats"), "date", "followers",
        pl.when(instagram).then("following").alias("following"),
        pl.when(~instagram).then("views_total").alias("views_total"),
        "uploads_total",
        (pl.col("followers") - pl.col("previous_followers")).alias("followers_change"),
        pl.when(~instagram).then(gained("views_total")).alias("views_total_change"),
        gained("uploads_total").alias("uploads_total_change"),
        "views", "uploads",
        pl.when(instagram).then("plays").alias("plays"),
        "likes", "comments", "engagement", "rated_posts", "rated_engagement", "watched_engagement", "watched_views",
        ratio(pl.col("rated_engagement"), pl.col("rated_posts") * pl.col("followers")).alias("engagement_ratio"),
        ratio(pl.col("watched_engagement"), pl.col("watched_views")).alias("engagement_by_views_ratio"),
        pl.any_horizontal(
            (pl.col("platform") == platform) & pl.col("date").is_in(changed_periods(platform, grain))
            for platform in ("INSTAGRAM", "YOUTUBE")
        ).alias("crosses_definition_change"),
        "last_event_at",
        "profile_ingested_at", "posts_ingested_at",
        (pl.col("_version") + pl.col("previous__version").fill_null(0) % 2**48).alias("_version"),
    )  # fmt: skip


NAMED = ("followers", "followers_change", "crosses_definition_change")


def without_holes(rows: pl.DataFrame, grain: str) -> list[dict[str, Any]]:
    """The series with a row for every period from an account's first to its last, and totals so far."""
    accounts: dict[tuple[str, str], dict[date, dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        accounts.setdefault((row["platform"], row["platform_id"]), {})[row["date"]] = row
    found = []
    for (platform, platform_id), periods in accounts.items():
        totals: dict[str, int | None] = dict.fromkeys(SUMMED)
        day = seen = min(periods)
        while day <= max(periods):
            known = periods.get(day)
            seen = day if known else seen
            own: dict[str, Any] = known or dict.fromkeys([*NAMED, *SUMMED])
            totals = {name: total if own[name] is None else (total or 0) + own[name] for name, total in totals.items()}
            found.append(
                {name: own[name] for name in (*NAMED, *SUMMED)}
                | {f"{name}_to_date": total for name, total in totals.items()}
                | {"platform": platform, "platform_id": platform_id, "monthly_stats": grain == "month", "date": day}
                | {"is_gap": known is None, "last_seen_date": seen}
            )
            day = (day + timedelta(days=32)).replace(day=1) if grain == "month" else day + timedelta(days=7)
    return found


def growth(profiles: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """mart_youtube_growth: the level at an end of a window is the last known before it, at most `age` days old."""
    day = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    ages = {7: 3, 30: 7, 365: 30}
    seen = profiles.filter(
        pl.col("platform") == "YOUTUBE", pl.col("at") < day, pl.col("at") >= day - timedelta(days=395)
    ).rename({"platform_id": "channel_id", "views_total": "views", "uploads_total": "uploads"})
    metrics = ("followers", "views", "uploads")
    levels: dict[str, pl.Expr] = {}
    for days, age in ages.items():
        for name, end in (("end", day), ("start", day - timedelta(days=days))):
            fresh = (pl.col("at") < end) & (pl.col("at") >= end - timedelta(days=age))
            for metric in metrics:
                levels[f"{metric}_{name}_{days}"] = pl.col(metric).filter(fresh).drop_nulls().last()
    found = seen.group_by("channel_id", maintain_order=True).agg(
        pl.col("followers").drop_nulls().last(), pl.col("at").max().alias("last_event_at"), **levels
    )
    columns: dict[str, pl.Expr] = {}
    for metric, days in product(metrics, ages):
        change = pl.col(f"{metric}_end_{days}") - pl.col(f"{metric}_start_{days}")
        name = f"{metric}_growth_{days}d"
        columns[name] = change if metric == "followers" else pl.when(change >= 0).then(change)
        if metric == "followers" or days == 30:
            columns[f"{metric}_growth_{days}d_pct"] = 100 * ratio(columns[name], pl.col(f"{metric}_start_{days}"))
    for days in ages:
        changes = definition_changes("YOUTUBE", "views")
        crossed = any(timedelta(0) < day.date() - change < timedelta(days=days) for change in changes)
        columns[f"crosses_definition_change_{days}d"] = pl.lit(crossed)
    return found.select("channel_id", "followers", "last_event_at", **columns)


def definition_changes(platform: str, metric: str) -> list[date]:
    """The days from which a platform counts something else under the metric's name."""
    with (PROJECT_DIR / "seeds" / "metric_definition.csv").open() as lines:
        return [
            date.fromisoformat(row["from_date"])
            for row in csv.DictReader(lines)
            if (row["platform"], row["metric"]) == (platform, metric)
        ]


@cache
def changed_periods(platform: str, grain: str) -> list[date]:
    """The first days of the weeks or months in which what counts as a view changed; on ALL on either platform."""
    platforms = ("INSTAGRAM", "YOUTUBE") if platform == "ALL" else (platform,)
    days = pl.DataFrame({"day": [day for each in platforms for day in definition_changes(each, "views")]})
    return days.select(start_of(pl.col("day").cast(pl.Datetime), grain)).to_series().to_list()


def dimensions(board: str) -> dict[str, tuple[tuple[str, ...], list[str]]]:
    """Each rank key of a board with its order chain and the attributes within which it ranks."""
    found = {}
    for rank, chosen in product(BOARD_RANKS[board], product([False, True], repeat=3)):
        words = [word for word, is_in in zip(WITHIN, chosen, strict=True) if is_in]
        key = f"{rank}_by_{'_'.join(words)}" if words else rank
        found[key] = (CHAINS[rank], [WITHIN[word] for word in words])
    return found


def ranked(rows: pl.DataFrame, board: str) -> pl.DataFrame:
    """The board's rows with a column for each rank."""
    key = ["month", "profile_platform", "platform_id"]
    for rank, (chain, within) in dimensions(board).items():
        order: list[str] = [*chain, "profile_platform", "platform_id"]
        runners = rows.filter(pl.all_horizontal(pl.col(chain[0], *within).is_not_null()))
        if rank.startswith("engagement_rank"):
            runners = runners.filter(pl.col("uploads") >= 3, pl.col("followers") >= 1000)
        places = runners.sort(
            order, descending=[True] * len(chain) + [False, False], nulls_last=True, maintain_order=True
        ).select(*key, pl.int_range(1, pl.len() + 1).over(["month", *within]).cast(pl.UInt32).alias(rank))
        rows = rows.join(places, on=key, how="left")
    return rows


def published(rows: pl.DataFrame, board: str, cut: int) -> list[dict[str, Any]]:
    """mart_leaderboard's rows of a board, with both maps."""
    keys = dimensions(board)
    by_key = {(row["month"], row["profile_platform"], row["platform_id"]): row for row in rows.iter_rows(named=True)}
    found = []
    for (month, profile_platform, platform_id), row in by_key.items():
        current = {key: row[key] for key in keys if row[key] is not None}
        if min(current.values()) > cut:
            continue
        earlier = (month.replace(day=1) - timedelta(days=1)).replace(day=1)
        before = by_key.get((earlier, profile_platform, platform_id), {})
        last = {
            key: before[key]
            for key, (_, within) in keys.items()
            if before.get(key) is not None and all(before[name] == row[name] for name in within)
        }
        found.append(
            row
            | {"crosses_definition_change": month in changed_periods(board, "month")}
            | {"platform": board, "current_month_ranks": current, "last_month_ranks": last}
            | {rank: current.get(rank) for rank in CHAINS}
            | {f"{rank}_prev": last.get(rank) for rank in CHAINS}
        )
    return found
