"""Weeks and months by Polars: snapshots of the events, levels and cohorts of each period, and the series."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl

from bench.contenders.daily_files import FLAGS, GREATEST, POST, PROFILE, Rules

OLDEST = datetime(2005, 1, 1)
ACCOUNT = ["platform", "platform_id"]


def _counter(path: str) -> pl.Expr:
    """A whole number from 0 to 9e15, as a number or in quotes."""
    text = pl.col("metrics").str.json_path_match(f"$.{path}").str.strip_chars()
    number = text.cast(pl.Float64, strict=False)
    exact = text.str.strip_prefix("+").cast(pl.Int64, strict=False)
    value = pl.coalesce(exact, pl.when(number == number.floor()).then(number).cast(pl.Int64, strict=False))
    return pl.when(value.is_between(0, GREATEST)).then(value)


def snapshots(path: Path, fields: dict[str, tuple[str, ...]], rules: Rules) -> pl.DataFrame:
    """Events that can be, the last delivery of each, with their counters, in the order of (event time, event id)."""
    own = ["shortcode", "published"] if fields is POST else []
    flagged = [
        pl.when(~pl.col("metrics").str.contains(f'"{FLAGS[field]}":true', literal=True))
        .then(pl.col(field))
        .alias(field)
        for field in fields
        if fields is POST
    ]
    return (
        pl.scan_parquet(path)
        .filter(~pl.col("source").str.starts_with("openapi_profile_info_"))
        .with_columns(
            pl.col("platform").str.strip_chars().str.to_uppercase(),
            pl.col("happened", "ingested", *own[1:]).dt.replace_time_zone(None),
        )
        .filter(
            pl.col("platform").is_in(["INSTAGRAM", "YOUTUBE"]),
            pl.col("happened") >= OLDEST,
            pl.col("happened") <= pl.col("ingested") + rules.skew,
            pl.col("ingested") <= rules.as_of,
        )
        .with_columns(pl.coalesce(map(_counter, names)).alias(field) for field, names in fields.items())
        .filter(pl.any_horizontal(pl.col(field).is_not_null() for field in fields))
        .with_columns(flagged)
        .select(
            "event_id", "platform", pl.col("profile_id").alias("platform_id"), *own, *fields, "happened", "ingested"
        )
        .sort("ingested")
        .unique("event_id", keep="last", maintain_order=True)
        .sort("happened", "event_id")
        .collect()
    )


def start(moment: str, grain: str) -> pl.Expr:
    """The first day of the Sunday week or the month of a moment."""
    day = pl.col(moment).dt.date()
    return day.dt.truncate("1mo") if grain == "month" else day - pl.duration(days=day.dt.weekday() % 7)


def following(day: str, grain: str) -> pl.Expr:
    """The first day of the week or month after."""
    return pl.col(day).dt.offset_by("1mo" if grain == "month" else "1w")


def _last_known(fields: dict[str, tuple[str, ...]]) -> list[pl.Expr]:
    return [pl.col(field).drop_nulls().last() for field in fields]


def known_sum(*names: str) -> list[pl.Expr]:
    """Sums of what is known, unknown where nothing is."""
    return [pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name) for name in names]


def periods(profile: pl.DataFrame, post: pl.DataFrame, grain: str, rules: Rules) -> pl.DataFrame:
    """Levels at the end of each account's week or month, and the sums of the posts published in it."""
    key = [*ACCOUNT, "date"]
    levels = (
        profile.lazy()
        .with_columns(date=start("happened", grain))
        .group_by(key, maintain_order=True)
        .agg(*_last_known(PROFILE), pl.col("happened").max().alias("profile_seen"))
    )
    watched, both = pl.coalesce("plays", "views"), pl.col("likes") + pl.col("comments")
    cohorts = (
        post.lazy()
        .filter(
            pl.any_horizontal(pl.col(*POST).is_not_null()),
            pl.col("published").is_between(OLDEST, pl.col("happened") + rules.skew),
        )
        .with_columns(date=start("published", grain))
        .filter(pl.col("happened") <= following("date", grain).cast(pl.Datetime("us")) + rules.closing)
        .group_by([*key, "shortcode"], maintain_order=True)
        .agg(*_last_known(POST), pl.col("happened").max())
        .with_columns(views=watched)
        .with_columns(
            rated_engagement=pl.when(~((pl.col("views") > 0) & (both > pl.col("views"))).fill_null(False)).then(both)
        )
        .with_columns(watched_engagement=pl.when(pl.col("views") > 0).then("rated_engagement"))
        .with_columns(watched_views=pl.when(pl.col("watched_engagement").is_not_null()).then("views"))
        .group_by(key)
        .agg(
            pl.len().cast(pl.Int64).alias("uploads"),
            pl.col("rated_engagement").count().cast(pl.Int64).alias("rated_posts"),
            *known_sum(
                "plays", "views", "likes", "comments", "rated_engagement", "watched_engagement", "watched_views"
            ),
            pl.col("happened").max().alias("posts_seen"),
        )
    )
    known = pl.col("likes").is_not_null() | pl.col("comments").is_not_null()
    return (
        levels.join(cohorts, on=key, how="full", coalesce=True)
        .with_columns(
            engagement=pl.when(known).then(pl.col("likes").fill_null(0) + pl.col("comments").fill_null(0)),
            last_event_at=pl.max_horizontal("profile_seen", "posts_seen"),
        )
        .collect()
    )


def with_before(rows: pl.DataFrame, grain: str, *fields: str) -> pl.DataFrame:
    """The fields of the period exactly before, as before_*."""
    before = rows.select(*ACCOUNT, following("date", grain), pl.col(*fields).name.prefix("before_"))
    return rows.join(before, on=[*ACCOUNT, "date"], how="left")


def change(field: str) -> pl.Expr:
    """Against the period before."""
    return pl.col(field) - pl.col(f"before_{field}")


def grown(field: str) -> pl.Expr:
    """Growth of a lifetime counter, unknown when it falls."""
    return pl.when(change(field) >= 0).then(change(field))


def ratios() -> dict[str, pl.Expr]:
    """Engagement by followers and by views, of the posts that count in each."""

    def ratio(a: pl.Expr, b: pl.Expr) -> pl.Expr:
        return pl.when(b != 0).then(a.cast(pl.Float64) / b.cast(pl.Float64))

    return {
        "engagement_ratio": ratio(pl.col("rated_engagement"), pl.col("rated_posts") * pl.col("followers")),
        "engagement_by_views_ratio": ratio(pl.col("watched_engagement"), pl.col("watched_views")),
    }


def series_rows(periods: pl.DataFrame, grain: str, definitions: pl.DataFrame) -> pl.DataFrame:
    """The published series of one grain."""
    instagram = pl.col("platform") == "INSTAGRAM"
    crossed = definitions.select("platform", start("from_date", grain).alias("date")).unique()
    return (
        with_before(periods, grain, "followers", "views_total", "uploads_total")
        .join(crossed.with_columns(crosses_definition_change=True), on=["platform", "date"], how="left")
        .select(
            *ACCOUNT, pl.lit(grain == "month").alias("monthly_stats"), "date", "followers",
            pl.when(instagram).then("following").alias("following"),
            pl.when(~instagram).then("views_total").alias("views_total"),
            "uploads_total",
            change("followers").alias("followers_change"),
            pl.when(~instagram).then(grown("views_total")).alias("views_total_change"),
            grown("uploads_total").alias("uploads_total_change"),
            "views", "uploads",
            pl.when(instagram).then("plays").alias("plays"),
            "likes", "comments", "engagement",
            pl.col("crosses_definition_change").fill_null(False),
            "last_event_at",
            **ratios(),
        )
    )  # fmt: skip
