"""The boards by Polars: their input, their ranks, and the rows that are published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from bench.contenders.daily_files import BOARDS, GREATEST, STEMS, WITHIN, Rules
from bench.contenders.daily_polars_periods import change, following, grown, known_sum, ratios, start, with_before

BOARD = [
    "month", "profile_platform", "platform_id", "handle", "name", "category", "language", "country", "profile_type",
    "month_state", "followers", "followers_change", "views_total_change", "uploads_total_change", "views", "plays",
    "likes", "comments", "engagement", "uploads", "engagement_ratio", "engagement_by_views_ratio", "is_eligible",
]  # fmt: skip
"""Columns of the input of a board."""


def _placed(rows: pl.DataFrame, accounts: pl.DataFrame, code: str, rules: Rules) -> pl.DataFrame:
    """Rows of months that have begun, with the attributes of their accounts and the state of the month."""
    this_month = rules.as_of.date().replace(day=1)
    closed = pl.lit(rules.as_of) >= following("month", "month").cast(pl.Datetime("us")) + rules.closing
    state = pl.when(pl.col("month") >= this_month).then(pl.lit("MTD")).when(~closed).then(pl.lit("CLOSING"))
    return (
        rows.rename({"date": "month"})
        .filter(pl.col("month") <= this_month)
        .join(accounts, on="platform_id", how="left")
        .with_columns(month_state=state.otherwise(pl.lit("FINAL")), profile_platform=pl.lit(code))
    )


def _has_name() -> pl.Expr:
    return pl.any_horizontal(pl.col("handle", "name").is_not_null())


def _is_seen() -> pl.Expr:
    """Somebody follows, and somebody watched."""
    return (pl.col("followers") >= 1).fill_null(False) & pl.any_horizontal(
        (pl.col("views", "views_total_change") > 0).fill_null(False)
    )


def instagram_rows(series: pl.DataFrame, folder: Path, rules: Rules) -> pl.DataFrame:
    """The months of Instagram profiles, with what is known of each profile."""
    rows = series.filter(pl.col("platform") == "INSTAGRAM", "monthly_stats")
    placed = _placed(rows, pl.read_parquet(folder / "profiles.parquet"), "IA", rules)
    return placed.with_columns(is_eligible=_has_name() & _is_seen()).select(BOARD)


def youtube_rows(months: pl.DataFrame, folder: Path, rules: Rules) -> pl.DataFrame:
    """The months of channels, also those that only the dumps of a vendor know."""
    counters = ["followers", "views_total", "uploads_total"]
    any_level = pl.any_horizontal(pl.col(counters).is_not_null())
    named = "^20[0-9]{2}-?(0[1-9]|1[0-2])(-?[0-9]{2})?$"
    month = pl.col("month").str.strip_chars()
    of_dump = {
        "followers": "lifetime_subscribers",
        "views_total": "lifetime_views",
        "uploads_total": "lifetime_uploads",
    }
    legacy = (
        pl.read_parquet(folder / "dumps.parquet")
        .filter(month.str.contains(named))
        .select(
            pl.col("id").str.strip_chars().alias("platform_id"),
            month.str.replace("^([0-9]{4})-?([0-9]{2}).*$", "${1}-${2}-01").str.to_date("%Y-%m-%d").alias("date"),
            *(
                pl.when(pl.col(old).is_between(0, GREATEST)).then(old).cast(pl.Int64).alias(new)
                for new, old in of_dump.items()
            ),
            precedence=2,
        )
        .filter(any_level)
    )
    own = months.filter(pl.col("platform") == "YOUTUBE")
    live = own.select("platform_id", "date", *counters, "uploads", precedence=1)
    known = pl.concat([live.filter(any_level).drop("uploads"), legacy])
    watched = live.filter(pl.col("uploads") > 0).join(known, on="platform_id", how="anti").drop("uploads")
    levels = (
        pl.concat([known, watched])
        .filter(pl.col("date") <= rules.as_of.date().replace(day=1))
        .sort("views_total", "followers", "uploads_total", descending=True, nulls_last=True)
        .sort("precedence", maintain_order=True)
        .unique(["platform_id", "date"], keep="first", maintain_order=True)
        .sort("platform_id", "date")
        .with_columns(pl.lit("YOUTUBE").alias("platform"))
    )
    sums = ["views", "likes", "comments", "engagement", "uploads"]
    rated = ["rated_posts", "rated_engagement", "watched_engagement", "watched_views"]
    rows = (
        with_before(levels, "month", *counters)
        .join(own.select("platform_id", "date", *sums, *rated), on=["platform_id", "date"], how="left")
        .sort("platform_id", "date")
        .with_columns(
            followers=pl.col("followers").forward_fill().over("platform_id"),
            followers_change=change("followers"),
            views_total_change=grown("views_total"),
            uploads_total_change=grown("uploads_total"),
        )
        .with_columns(plays=pl.lit(None, pl.Int64), **ratios())
    )
    unstated = (
        pl.col("followers").is_null() & (pl.col("views") > 0).fill_null(False) & ~pl.col("is_hiding").fill_null(False)
    )
    placed = _placed(rows, pl.read_parquet(folder / "channels.parquet"), "YA", rules)
    return placed.with_columns(is_eligible=_has_name() & (_is_seen() | unstated)).select(BOARD)


def combined_rows(instagram: pl.DataFrame, youtube: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """The months of creators: a profile and the channels that are linked to it."""
    links = pl.read_parquet(folder / "links.parquet")
    linked = youtube.join(links, left_on="platform_id", right_on="channel_id", how="left").with_columns(
        profile_platform=pl.when(pl.col("profile_id").is_null()).then(pl.lit("YA")).otherwise(pl.lit("IA")),
        platform_id=pl.coalesce("profile_id", "platform_id"),
    )
    sides = pl.concat(
        [
            instagram.with_columns(is_channel=pl.lit(value=False)),
            linked.select(*BOARD, is_channel=pl.lit(value=True)),
        ]
    )

    def first(name: str, *, of_channel: bool) -> pl.Expr:
        own, other = (
            pl.col("is_channel") if which else ~pl.col("is_channel") for which in (of_channel, not of_channel)
        )
        return pl.coalesce(pl.col(name).filter(own).max(), pl.col(name).filter(other).max()).alias(name)

    creator = (pl.col("profile_type").fill_null("CREATOR") == "CREATOR").any()
    unknown = dict.fromkeys(("views_total_change", "uploads_total_change", "plays"), pl.lit(None, pl.Int64))
    unknown |= dict.fromkeys(("engagement_ratio", "engagement_by_views_ratio"), pl.lit(None, pl.Float64))
    return (
        sides.group_by("month", "profile_platform", "platform_id")
        .agg(
            *(first(name, of_channel=False) for name in ("handle", "name")),
            *(first(name, of_channel=True) for name in ("category", "language", "country")),
            pl.when(creator).then(pl.lit("CREATOR")).otherwise(pl.col("profile_type").max()).alias("profile_type"),
            pl.col("month_state").first(),
            *known_sum("followers", "followers_change", "views", "likes", "comments", "engagement", "uploads"),
            pl.col("is_eligible").any(),
        )
        .with_columns(value.alias(name) for name, value in unknown.items())
        .select(BOARD)
    )


def ranked_rows(base: pl.DataFrame, board: str) -> pl.DataFrame:
    """One sort for each order, and one count for each rank along it."""
    rows = base.filter("is_eligible").with_columns(pl.col("profile_type").fill_null("CREATOR"))
    for stem in BOARDS[board]:
        chain = STEMS[stem]
        rows = rows.sort(
            *chain, "profile_platform", "platform_id", descending=[True] * len(chain) + [False] * 2, nulls_last=True
        )
        ranks = []
        for suffix, within in WITHIN.items():
            is_ranked = pl.all_horizontal(pl.col(chain[0], *within).is_not_null())
            if stem == "engagement_rank":
                enough = (pl.col("uploads") >= 3) & (pl.col("followers") >= 1000)
                is_ranked &= enough.fill_null(False)
            place = is_ranked.cast(pl.Int64).cum_sum().over("month", *within)
            ranks.append(pl.when(is_ranked).then(place).alias(f"{stem}{suffix}"))
        rows = rows.with_columns(ranks)
    return rows


def published_rows(rows: pl.DataFrame, board: str, definitions: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The rows within the cut, with their ranks of now and of the month before."""
    keys = {f"{stem}{suffix}": within for stem in BOARDS[board] for suffix, within in WITHIN.items()}
    key = ["month", "profile_platform", "platform_id"]
    groups = ("category", "language", "profile_type")
    before = rows.select(*key[1:], following("month", "month"), pl.col(*groups, *keys).name.prefix("before_"))
    last = {
        name: pl.when(
            pl.all_horizontal(pl.lit(value=True), *(pl.col(each) == pl.col(f"before_{each}") for each in within))
        ).then(pl.col(f"before_{name}"))
        for name, within in keys.items()
    }

    def as_json(ranks: Mapping[str, pl.Expr]) -> pl.Expr:
        members = [pl.lit(f'"{name}": ') + rank.cast(pl.String) for name, rank in ranks.items()]
        return pl.concat_str([pl.lit("{"), pl.concat_str(members, separator=", ", ignore_nulls=True), pl.lit("}")])

    nobody = pl.lit(None, pl.Int64)
    own = definitions if board == "ALL" else definitions.filter(pl.col("platform") == board)
    crossed: list[date] = own.select(start("from_date", "month")).to_series().to_list()
    return (
        rows.filter(pl.min_horizontal(*keys) <= rules.cut)
        .join(before, on=key, how="left")
        .select(
            pl.col(BOARD).exclude("is_eligible"),
            pl.lit(board).alias("platform"),
            pl.col("month").is_in(crossed).alias("crosses_definition_change"),
            *((pl.col(stem) if stem in keys else nobody).alias(stem) for stem in STEMS),
            *((pl.col(f"before_{stem}") if stem in keys else nobody).alias(f"{stem}_prev") for stem in STEMS),
            current_month_ranks=as_json({name: pl.col(name) for name in keys}),
            last_month_ranks=as_json(last),
            computed_as_of=pl.lit(rules.as_of),
        )
    )
