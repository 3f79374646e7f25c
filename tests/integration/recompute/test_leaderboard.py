"""Every number of the series and the leaderboards, computed again from the source tables by another engine."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs
import pytest
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.settings import Settings

from .leaderboard import definitions as d

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.transform.warehouse import Build

FLOAT_TOLERANCE = 1e-9
"""Relative; everything else is compared exactly."""

PROFILE_FIELDS = {
    "followers": ("followers", "subscriber_count"),
    "following": ("following",),
    "views_total": ("view_count",),
    "uploads_total": ("video_count", "media_count"),
}
POST_FIELDS = {
    "likes": ("likes",),
    "comments": ("comments",),
    "plays": ("play_count", "plays"),
    "views": ("view_count", "views"),
    "other": ("reach", "impressions", "replies", "shares", "saved", "saves"),
}
ATTRIBUTES = ["handle", "name", "category", "language", "country", "profile_type"]


class Recomputed:
    """The warehouse's tables to compare with, and the definitions' results to compare them to."""

    def __init__(self, settings: Settings) -> None:
        assert settings.as_of
        self.client: Client = connections.clickhouse(settings)
        self.database = settings.clickhouse_database
        self.as_of = datetime.fromisoformat(settings.as_of)
        self.summary: list[tuple[str, int, int, int]] = []
        columns = (
            "event_id, source, platform, profile_id as platform_id, toDateTime64(event_timestamp, 6) as at,"
            " toDateTime64(insert_timestamp, 6) as ingested, metrics"
        )
        profiles = self.read(f"select {columns} from events.profile_log_events")
        posts = self.read(
            f"select {columns}, shortcode, toDateTime64(publish_time, 6) as published from events.post_log_events"
        )
        self.profiles = d.snapshots(profiles, PROFILE_FIELDS, self.as_of)
        self.posts = d.snapshots(posts, POST_FIELDS, self.as_of)
        self.weeks = d.account_periods(self.profiles, self.posts, "week")
        self.months = d.account_periods(self.profiles, self.posts, "month")

    def read(self, sql: str) -> pl.DataFrame:
        """The answer of a query; times without their zone, which is UTC everywhere."""
        arrow = self.client.raw_query(
            sql,
            fmt="ArrowStream",
            settings={"output_format_arrow_string_as_string": 1, "output_format_arrow_compression_method": "none"},
        )
        frame = pl.read_ipc_stream(BytesIO(arrow))
        return frame.with_columns(cs.datetime().dt.replace_time_zone(None).dt.cast_time_unit("us"))

    def table(self, model: str, columns: list[str], *, final: bool = False) -> list[dict[str, Any]]:
        """Rows of a model; days as days, times as naive UTC, maps as dictionaries."""
        name = f"{self.database}.{model}{' final' if final else ''}"
        result = self.client.query(f"select {', '.join(columns)} from {name}")
        return [dict(zip(columns, map(_plain, row), strict=True)) for row in result.result_rows]

    def compare(self, model: str, key: list[str], expected: list[dict[str, Any]], *, final: bool = False) -> None:
        """Fail unless the model has exactly the expected rows, in all columns but the time of the build."""
        known = self.client.query(
            "select name from system.columns"
            " where database = {db:String} and table = {name:String} and name != 'computed_as_of'",
            parameters={"db": self.database, "name": model},
        )
        columns = [name for (name,) in known.result_rows]
        assert expected
        missing = set(columns) - set(expected[0])
        assert not missing, f"{model}: no definition of {missing}"
        found = {tuple(row[name] for name in key): row for row in self.table(model, columns, final=final)}
        wanted = {tuple(row[name] for name in key): row for row in expected}
        assert len(wanted) == len(expected)
        wrong = [(place, "row", place in found, place in wanted) for place in found.keys() ^ wanted.keys()]
        wrong += [
            (place, name, found[place][name], wanted[place][name])
            for place in found.keys() & wanted.keys()
            for name in columns
            if not _same(found[place][name], wanted[place][name])
        ]
        self.summary.append((model, len(columns), len(wanted), len(wrong)))
        assert not wrong, f"{model}: {len(wrong)} differences, first (key, column, found, expected): {wrong[:3]}"


def _plain(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _same(found: object, expected: object) -> bool:
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=FLOAT_TOLERANCE, abs_tol=0.0)
    return found == expected


@pytest.fixture(scope="module")
def recomputed(settings: Settings, warehouse: Build) -> Iterator[Recomputed]:
    result = Recomputed(settings)
    yield result
    table = Table(title="recomputed from the sources", title_justify="left")
    for title in ("model", "columns", "rows", "differences"):
        table.add_column(title, justify="left" if title == "model" else "right")
    for row in result.summary:
        table.add_row(*map(str, row))
    Console().print()
    Console().print(table)


@pytest.mark.parametrize("grain", ["week", "month"])
@pytest.mark.parametrize("platform", ["INSTAGRAM", "YOUTUBE"])
def test_levels_and_cohorts_of_each_period(recomputed: Recomputed, platform: str, grain: str) -> None:
    periods = recomputed.weeks if grain == "week" else recomputed.months
    own = periods.filter(pl.col("platform") == platform)
    if platform == "INSTAGRAM":
        own = own.rename({"posts": "uploads", "post_views": "views"})
    model = f"mart_{platform.lower()}_account_{grain}ly"

    recomputed.compare(model, ["platform_id", "date"], own.to_dicts(), final=True)


def test_the_time_series(recomputed: Recomputed) -> None:
    rows = pl.concat([d.series(recomputed.weeks, "week"), d.series(recomputed.months, "month")])

    recomputed.compare(
        "mart_time_series", ["platform", "platform_id", "monthly_stats", "date"], rows.to_dicts(), final=True
    )


def test_growth_of_channels(recomputed: Recomputed) -> None:
    rows = d.growth(recomputed.profiles, recomputed.as_of)

    recomputed.compare("mart_youtube_growth", ["channel_id"], rows.to_dicts())
    assert rows["followers_growth_365d"].null_count() < rows.height


def _state(month: date, as_of: datetime) -> str:
    following = (month.replace(day=28) + (date(2000, 1, 5) - date(2000, 1, 1))).replace(day=1)
    if (as_of.year, as_of.month) == (month.year, month.month):
        return "MTD"
    return "CLOSING" if as_of < datetime(following.year, following.month, 1) + d.CLOSING else "FINAL"


def _with_attributes(rows: pl.DataFrame, accounts: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """The rows of months that have begun, with the attributes that the accounts have (nothing is frozen yet)."""
    return (
        rows.rename({"date": "month"})
        .filter(pl.col("month") <= as_of.date())
        .join(accounts, on="platform_id", how="left")
        .with_columns(month_state=pl.col("month").map_elements(lambda month: _state(month, as_of), pl.String))
    )


def _instagram(recomputed: Recomputed) -> pl.DataFrame:
    accounts = recomputed.read(
        f"select profile_id as platform_id, {', '.join(ATTRIBUTES)} from {recomputed.database}.mart_instagram_account"
    )
    rows = d.series(recomputed.months, "month").filter(pl.col("platform") == "INSTAGRAM")
    return _with_attributes(rows, accounts, recomputed.as_of).with_columns(
        profile_id="platform_id",
        is_eligible=(
            pl.any_horizontal(pl.col("handle", "name").is_not_null())
            & (pl.col("followers") >= 1).fill_null(False)
            & (pl.col("plays") > 0).fill_null(False)
        ),
    )


def _youtube(recomputed: Recomputed) -> pl.DataFrame:
    counters = ["followers", "views_total", "uploads_total"]
    legacy = recomputed.read(
        "select id as platform_id, month as text, lifetime_subscribers as followers, lifetime_views as views_total,"
        " lifetime_uploads as uploads_total from vendor.channels_monthly_stats"
    )
    legacy = (
        legacy.with_columns(
            pl.col("text").str.slice(0, 7).str.to_date("%Y-%m", strict=False).alias("date"),
            *(pl.when(pl.col(name) >= 0).then(name).alias(name) for name in counters),
        )
        .sort("views_total", "followers", "uploads_total", descending=True, nulls_last=True)
        .unique(["platform_id", "date"], keep="first", maintain_order=True)
        .select("platform_id", "date", *counters, pl.lit("LEGACY").alias("source"))
    )
    months = recomputed.months.filter(pl.col("platform") == "YOUTUBE")
    live = months.select("platform_id", "date", *counters, pl.lit("LIVE").alias("source"))
    levels = (
        pl.concat([live, legacy])
        .filter(pl.any_horizontal(pl.col(*counters).is_not_null()))
        .unique(["platform_id", "date"], keep="first", maintain_order=True)
        .with_columns(platform=pl.lit("YOUTUBE"))
    )
    assert levels["source"].n_unique() == 2
    accounts = recomputed.read(
        "select channel_id as platform_id, custom_url as handle, title as name, category, language, country,"
        f" profile_type from {recomputed.database}.mart_youtube_account"
    )
    cohort = months.select("platform_id", "date", "posts", "post_views", "likes", "comments", "engagement")
    rows = (
        d.with_previous(levels, "month", *counters)
        .join(cohort, on=["platform_id", "date"], how="left")
        .with_columns(
            followers_change=pl.col("followers") - pl.col("previous_followers"),
            views=d.gained("views_total"),
            uploads=d.gained("uploads_total"),
            engagement_ratio=d.ratio(pl.col("engagement"), pl.col("post_views")),
        )
    )
    return _with_attributes(rows, accounts, recomputed.as_of).with_columns(
        channel_id="platform_id",
        is_eligible=(
            pl.any_horizontal(pl.col("handle", "name").is_not_null())
            & (pl.col("followers") >= 1).fill_null(False)
            & (pl.col("views") > 0).fill_null(False)
        ),
    )


def _combined(recomputed: Recomputed, instagram: pl.DataFrame, youtube: pl.DataFrame) -> pl.DataFrame:
    links = dict(
        recomputed.read(f"select channel_id, profile_id from {recomputed.database}.mart_linked_socials").rows()
    )
    creators: dict[tuple[date, str, str], dict[str, list[dict[str, Any]]]] = {}
    for row in instagram.iter_rows(named=True):
        creators[row["month"], "IA", row["platform_id"]] = {"I": [row], "Y": []}
    for row in youtube.iter_rows(named=True):
        profile = links.get(row["platform_id"])
        key = (row["month"], "IA", profile) if profile else (row["month"], "YA", row["platform_id"])
        creators.setdefault(key, {"I": [], "Y": []})["Y"].append(row)

    def total(sides: list[dict[str, Any]], *names: str) -> int | None:
        known = [side[name] for side, name in zip(sides, names, strict=True) if side[name] is not None]
        return sum(known) if known else None

    found = []
    for (month, profile_platform, platform_id), sides in creators.items():
        both = sides["I"] + sides["Y"]
        if not any(side["is_eligible"] for side in both):
            continue

        def best(name: str, *order: str, sides: dict[str, list[dict[str, Any]]] = sides) -> Any:
            return next((side[name] for which in order for side in sides[which] if side[name] is not None), None)

        gain = ["plays"] * len(sides["I"]) + ["views"] * len(sides["Y"])
        sums = ("followers", "followers_change", "likes", "comments", "engagement", "uploads")
        found.append(
            {"month": month, "profile_platform": profile_platform, "platform_id": platform_id}
            | {name: best(name, "I", "Y") for name in ("handle", "name")}
            | {name: best(name, "Y", "I") for name in ("category", "language", "country")}
            | {"profile_type": "CREATOR" if any(s["profile_type"] in (None, "CREATOR") for s in both) else "BRAND"}
            | {
                "month_state": both[0]["month_state"],
                "views": total(both, *gain),
                "plays": None,
                "engagement_ratio": None,
            }
            | {name: total(both, *[name] * len(both)) for name in sums}
        )
    return pl.DataFrame(found, infer_schema_length=None)


@pytest.fixture(scope="module")
def boards(recomputed: Recomputed) -> dict[str, pl.DataFrame]:
    """The bases and the ranked boards."""
    instagram, youtube = _instagram(recomputed), _youtube(recomputed)

    def candidates(base: pl.DataFrame, code: str) -> pl.DataFrame:
        creator = pl.col("profile_type").fill_null("CREATOR").alias("profile_type")
        return base.filter("is_eligible").with_columns(creator, pl.lit(code).alias("profile_platform"))

    on_instagram = candidates(instagram, "IA").with_columns(posts="uploads")
    on_youtube = candidates(youtube, "YA").with_columns(plays=pl.lit(None, pl.Int64))
    return {
        "instagram_base": instagram,
        "youtube_base": youtube,
        "INSTAGRAM": d.ranked(on_instagram, "INSTAGRAM"),
        "YOUTUBE": d.ranked(on_youtube, "YOUTUBE"),
        "ALL": d.ranked(_combined(recomputed, instagram, youtube), "ALL"),
    }


def test_the_bases(recomputed: Recomputed, boards: dict[str, pl.DataFrame]) -> None:
    recomputed.compare("mart_instagram_leaderboard_base", ["month", "profile_id"], boards["instagram_base"].to_dicts())
    recomputed.compare("mart_youtube_leaderboard_base", ["month", "channel_id"], boards["youtube_base"].to_dicts())


@pytest.mark.parametrize(
    ("board", "model", "ranks"),
    [
        ("INSTAGRAM", "mart_instagram_leaderboard", 40),
        ("YOUTUBE", "mart_youtube_leaderboard", 32),
        ("ALL", "mart_cross_platform_leaderboard", 24),
    ],
)
def test_every_rank_of_a_board(
    recomputed: Recomputed, boards: dict[str, pl.DataFrame], board: str, model: str, ranks: int
) -> None:
    keys = d.dimensions(board)
    assert len(keys) == ranks
    assert all(boards[board][key].is_not_null().any() for key in keys)

    recomputed.compare(model, ["month", "profile_platform", "platform_id"], boards[board].to_dicts())


def test_the_published_leaderboard_and_its_previous_ranks(
    recomputed: Recomputed, boards: dict[str, pl.DataFrame]
) -> None:
    rows = [row for board in d.BOARD_RANKS for row in d.published(boards[board], board, cut=1000)]
    assert sum(bool(row["last_month_ranks"]) for row in rows) > len(rows) / 2

    recomputed.compare("mart_leaderboard", ["month", "platform", "profile_platform", "platform_id"], rows)


def test_the_comparison_sees_a_single_wrong_value(recomputed: Recomputed) -> None:
    rows = d.growth(recomputed.profiles, recomputed.as_of).to_dicts()
    rows[-1]["views_30d"] = (rows[-1]["views_30d"] or 0) + 1

    with pytest.raises(AssertionError, match=r"mart_youtube_growth: 1 differences.*views_30d"):
        recomputed.compare("mart_youtube_growth", ["channel_id"], rows)
    recomputed.summary.pop()
