"""Every number of the series and the leaderboards, computed again from the source tables by another engine."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from . import leaderboard as d
from .accounts import newest
from .channels import CHANNEL
from .comparison import Subject
from .conftest import MAIN_SEED
from .events import Events
from .hiding import EACH
from .movement import PARTS, Movement
from .ratios import RATED

ATTRIBUTES = ["handle", "name", "category", "language", "country", "profile_type"]


@pytest.mark.parametrize("grain", ["week", "month"])
@pytest.mark.parametrize("platform", ["INSTAGRAM", "YOUTUBE"])
def test_levels_and_cohorts_of_each_period(subject: Subject, events: Events, platform: str, grain: str) -> None:
    periods = events.weeks if grain == "week" else events.months
    own = periods.filter(pl.col("platform") == platform)
    model = f"mart_{platform.lower()}_account_{grain}ly"

    subject.compare(model, ["platform_id", "date"], own.to_dicts(), final=True)


def test_the_time_series_is_recomputed(subject: Subject, events: Events) -> None:
    rows = pl.concat([d.series(events.weeks, "week"), d.series(events.months, "month")])

    subject.compare_published("time_series", rows.to_dicts())


def test_the_series_without_holes(subject: Subject, events: Events) -> None:
    frames = (d.series(events.weeks, "week"), d.series(events.months, "month"))
    rows = [
        row for frame, grain in zip(frames, ("week", "month"), strict=True) for row in d.without_holes(frame, grain)
    ]

    assert any(row["is_gap"] for row in rows)
    subject.compare("mart_time_series_with_gaps", ["platform", "platform_id", "monthly_stats", "date"], rows)


def test_growth_of_channels_is_recomputed(subject: Subject, events: Events) -> None:
    rows = d.growth(events.profiles, subject.as_of)

    subject.compare("mart_youtube_growth", ["channel_id"], rows.to_dicts())
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


def watched_at_all() -> pl.Expr:
    """Somebody watched: a post of the month, or whatever the channel has."""
    return (pl.col("views") > 0).fill_null(False) | (pl.col("views_total_change") > 0).fill_null(False)


def _instagram(subject: Subject, events: Events) -> pl.DataFrame:
    accounts = subject.read(
        f"select profile_id as platform_id, {', '.join(ATTRIBUTES)} from {subject.database}.mart_instagram_account"
    )
    rows = d.series(events.months, "month").filter(pl.col("platform") == "INSTAGRAM")
    return _with_attributes(rows, accounts, subject.as_of).with_columns(
        profile_id="platform_id",
        is_eligible=(
            pl.any_horizontal(pl.col("handle", "name").is_not_null())
            & (pl.col("followers") >= 1).fill_null(False)
            & watched_at_all()
        ),
    )


def _youtube(subject: Subject, events: Events) -> pl.DataFrame:
    counters = ["followers", "views_total", "uploads_total"]
    legacy = subject.read(
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
    months = events.months.filter(pl.col("platform") == "YOUTUBE")
    live = months.select("platform_id", "date", "uploads", *counters, pl.lit("LIVE").alias("source"))
    known = pl.any_horizontal(pl.col(*counters).is_not_null())
    every = pl.concat([live, legacy], how="diagonal")
    # Of a channel that nobody ever read only the months are known in which it published.
    read = every.filter(known)
    unread = live.filter(~pl.col("platform_id").is_in(read["platform_id"].implode()), pl.col("uploads") > 0)
    levels = (
        pl.concat([read, unread], how="diagonal")
        .unique(["platform_id", "date"], keep="first", maintain_order=True)
        .drop("uploads")
        .with_columns(platform=pl.lit("YOUTUBE"))
    )
    assert levels["source"].n_unique() == 2
    accounts = subject.read(
        "select channel_id as platform_id, custom_url as handle, title as name, category, language, country,"
        f" profile_type from {subject.database}.mart_youtube_account"
    )
    cohort = months.select("platform_id", "date", "uploads", "views", "likes", "comments", "engagement", *RATED)
    rows = (
        d.with_previous(levels, "month", *counters)
        .join(cohort, on=["platform_id", "date"], how="left")
        .with_columns(
            followers_change=pl.col("followers") - pl.col("previous_followers"),
            views_total_change=d.gained("views_total"),
            uploads_total_change=d.gained("uploads_total"),
        )
        # A channel whose subscribers are not reported in the month stands with the last ones that it told.
        .sort("date")
        .with_columns(seen_followers="followers")
        .with_columns(pl.col("followers").forward_fill().over("platform_id"))
        .with_columns(
            engagement_ratio=d.ratio(pl.col("rated_engagement"), pl.col("rated_posts") * pl.col("followers")),
            engagement_by_views_ratio=d.ratio(pl.col("watched_engagement"), pl.col("watched_views")),
        )
    )
    records = newest(subject.rows("select * from beat_replica.youtube_account"), "channel_id", CHANNEL)
    hiding = [channel for channel, record in records.items() if record["is_subscriber_count_hidden"]]
    never_told = pl.col("followers").is_null() & ~pl.col("platform_id").is_in(hiding)
    return _with_attributes(rows, accounts, subject.as_of).with_columns(
        channel_id="platform_id",
        is_eligible=(
            pl.any_horizontal(pl.col("handle", "name").is_not_null())
            & (
                ((pl.col("followers") >= 1).fill_null(False) & watched_at_all())
                | (never_told & (pl.col("views") > 0).fill_null(False))
            )
        ),
    )


def _combined(subject: Subject, instagram: pl.DataFrame, youtube: pl.DataFrame) -> pl.DataFrame:
    links = dict(subject.read(f"select channel_id, profile_id from {subject.database}.mart_linked_socials").rows())
    creators: dict[tuple[date, str, str], dict[str, list[dict[str, Any]]]] = {}
    for row in instagram.iter_rows(named=True):
        creators[row["month"], "IA", row["platform_id"]] = {"I": [row], "Y": []}
    for row in youtube.iter_rows(named=True):
        profile = links.get(row["platform_id"])
        key = (row["month"], "IA", profile) if profile else (row["month"], "YA", row["platform_id"])
        creators.setdefault(key, {"I": [], "Y": []})["Y"].append(row)

    def total(sides: list[dict[str, Any]], name: str) -> int | None:
        known = [side[name] for side in sides if side[name] is not None]
        return sum(known) if known else None

    found = []
    for (month, profile_platform, platform_id), sides in creators.items():
        both = sides["I"] + sides["Y"]
        if not any(side["is_eligible"] for side in both):
            continue

        def best(name: str, *order: str, sides: dict[str, list[dict[str, Any]]] = sides) -> Any:
            return next((side[name] for which in order for side in sides[which] if side[name] is not None), None)

        sums = ("followers", "followers_change", "views", "uploads", "likes", "comments", "engagement")
        found.append(
            {"month": month, "profile_platform": profile_platform, "platform_id": platform_id}
            | {name: best(name, "I", "Y") for name in ("handle", "name")}
            | {name: best(name, "Y", "I") for name in ("category", "language", "country")}
            | {"profile_type": "CREATOR" if any(s["profile_type"] in (None, "CREATOR") for s in both) else "BRAND"}
            | {
                "month_state": both[0]["month_state"],
                "plays": None,
                "engagement_ratio": None,
                "engagement_by_views_ratio": None,
                "views_total_change": None,
                "uploads_total_change": None,
            }
            | {name: total(both, name) for name in sums}
        )
    return pl.DataFrame(found, infer_schema_length=None)


@pytest.fixture(scope="module")
def boards(subject: Subject, events: Events) -> dict[str, pl.DataFrame]:
    """The bases and the ranked boards."""
    instagram, youtube = _instagram(subject, events), _youtube(subject, events)

    def candidates(base: pl.DataFrame, code: str) -> pl.DataFrame:
        creator = pl.col("profile_type").fill_null("CREATOR").alias("profile_type")
        return base.filter("is_eligible").with_columns(creator, pl.lit(code).alias("profile_platform"))

    on_instagram = candidates(instagram, "IA")
    on_youtube = candidates(youtube, "YA").with_columns(plays=pl.lit(None, pl.Int64))
    return {
        "instagram_base": instagram,
        "youtube_base": youtube,
        "INSTAGRAM": d.ranked(on_instagram, "INSTAGRAM"),
        "YOUTUBE": d.ranked(on_youtube, "YOUTUBE"),
        "ALL": d.ranked(_combined(subject, instagram, youtube), "ALL"),
    }


def test_leaderboard_bases_are_recomputed(subject: Subject, events: Events, boards: dict[str, pl.DataFrame]) -> None:
    if subject.seed != MAIN_SEED:
        stands = boards["youtube_base"].filter("is_eligible")
        carried = stands.filter(pl.col("followers").is_not_null() & pl.col("seen_followers").is_null())
        never_told = stands.filter(pl.col("followers").is_null())
        assert carried["channel_id"].n_unique() >= EACH, "channels that fell silent stand with their last level"
        assert never_told["channel_id"].n_unique() > EACH, "those that never told any stand by their views"
    subject.compare("mart_instagram_leaderboard_base", ["month", "profile_id"], boards["instagram_base"].to_dicts())
    subject.compare("mart_youtube_leaderboard_base", ["month", "channel_id"], boards["youtube_base"].to_dicts())


@pytest.mark.parametrize(
    ("board", "model", "ranks"),
    [
        ("INSTAGRAM", "mart_instagram_leaderboard", 40),
        ("YOUTUBE", "mart_youtube_leaderboard", 32),
        ("ALL", "mart_cross_platform_leaderboard", 24),
    ],
)
def test_every_rank_of_a_board(
    subject: Subject, events: Events, boards: dict[str, pl.DataFrame], board: str, model: str, ranks: int
) -> None:
    keys = d.dimensions(board)
    assert len(keys) == ranks
    assert all(boards[board][key].is_not_null().any() for key in keys)

    subject.compare(model, ["month", "profile_platform", "platform_id"], boards[board].to_dicts())


def test_the_published_leaderboard_and_its_previous_ranks(
    subject: Subject, events: Events, boards: dict[str, pl.DataFrame]
) -> None:
    rows = [row for board in d.BOARD_RANKS for row in d.published(boards[board], board, cut=1000)]
    assert sum(bool(row["last_month_ranks"]) for row in rows) > len(rows) / 2

    subject.compare_published("leaderboard", rows)


def test_why_ranks_moved(subject: Subject, boards: dict[str, pl.DataFrame]) -> None:
    moved = [Movement(boards[board].to_dicts(), board) for board in d.BOARD_RANKS]
    rows = {each.board: each.published(cut=1000) for each in moved}
    every = [row for own in rows.values() for row in own]
    seen = {part: sum(any(row[part].values()) for row in every) for part in PARTS}
    assert min(seen.values()) > 20, "each part moves somebody"

    subject.compare_published("rank_movement", every)
    for each in moved:
        # A few dozen of them, of all months and ranks.
        for number, row in enumerate(rows[each.board][:: len(rows[each.board]) // 40 or 1]):
            for key in sorted(row["own_movement"])[number % 7 :: 11]:
                assert each.by_counting(row, key) == tuple(row[part][key] for part in PARTS), (row, key)


def test_the_comparison_sees_a_single_wrong_value(subject: Subject, events: Events) -> None:
    rows = d.growth(events.profiles, subject.as_of).to_dicts()
    rows[-1]["views_growth_30d"] = (rows[-1]["views_growth_30d"] or 0) + 1

    with pytest.raises(AssertionError, match=r"mart_youtube_growth: 1 differences.*views_growth_30d"):
        subject.compare("mart_youtube_growth", ["channel_id"], rows)
    subject.ledger.pop()
