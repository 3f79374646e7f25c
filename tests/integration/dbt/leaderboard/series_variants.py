"""Variants of the project that lack one safeguard of the series, and the few rows that each of them gets wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from stir.transform.rejects import TABLE

from .feed import END, Delivery
from .series_server import MODELS, SERIES, Warehouse

NOW = END + timedelta(days=32)
POSTS_CAME, PROFILES_CAME = END + timedelta(days=31), END + timedelta(days=26)
"""The feeds' watermarks: that of profiles is days behind."""
WEEK_ENDS = datetime(2028, 2, 12, 23, 59, 50)
ACCOUNTS = [("INSTAGRAM", "1001"), ("INSTAGRAM", "1002"), ("YOUTUBE", f"UC{0:022d}"), ("YOUTUBE", f"UC{3:022d}")]
WITHOUT_POST = [("INSTAGRAM", "1004"), ("YOUTUBE", f"UC{6:022d}")]
"""Accounts of which the feed that is ahead says nothing."""
LEVEL = 777_777


@dataclass(frozen=True)
class Variant:
    """A macro in which what matches is another text, and the models that are wrong then.

    Attributes:
        commits_late: a slow run, which read before the last one, commits after it.
    """

    macro: str
    pattern: str
    other: str
    wrong: tuple[str, ...] = SERIES
    commits_late: bool = False


GREATEST = """+ greatest(0
    {%- for ingested_at in ([feeds] if feeds is string else feeds) -%}
        , ifNull(toUnixTimestamp64Milli(toDateTime64({{ ingested_at }}, 3, 'UTC')), 0)
    {%- endfor %})"""
NEW = """ingested_at > (
    select least(max(profile_ingested_at), max(posts_ingested_at)) - interval 4 hour from {{ this }})"""
COMMON = """{{ 'greatest(max(profile_ingested_at), max(posts_ingested_at))' if target_column in
    ('profile_ingested_at', 'posts_ingested_at') else 'max(' ~ (target_column or column) ~ ')' }}"""
VARIANTS = {
    "one_watermark_of_both_feeds": Variant("ingested_since", r"max\({{ target_column or column }}\)", COMMON),
    "one_watermark_of_changes": Variant(
        "any_ingested_since",
        r"column, column,",
        "column, 'greatest(profile_ingested_at, posts_ingested_at)',",
        ("mart_time_series",),
    ),
    "without_look_back": Variant(
        "look_back_hours",
        r"{{ hours }}",
        "0",
        ("mart_instagram_account_weekly", "mart_instagram_account_monthly", "mart_time_series"),
    ),
    "of_new_events_alone": Variant(
        "is_touched_period",
        r"\(platform_id, date\) in \(select platform_id, date from touched\)",
        NEW,
    ),
    "without_the_period_after": Variant(
        "build_series_changes", r", {{ shift_period\('date', grain\) }}\]", "]", ("mart_time_series",)
    ),
    "version_of_the_feed_ahead": Variant(
        "version_of", r"{%- for .* endfor %}", GREATEST, tuple(each for each in SERIES if "account" in each), True
    ),
}


def _profile(account: tuple[str, str], name: str, came: datetime, level: int) -> Delivery:
    platform, profile = account
    metrics = {"subscriber_count" if platform == "YOUTUBE" else "followers": level}
    row = (f"{name}-{profile}", "test", platform, profile, None, WEEK_ENDS, came, json.dumps(metrics), "{}")
    return Delivery("events.profile_log_events", row, True, came, came)


def _post(account: tuple[str, str], came: datetime) -> Delivery:
    platform, profile = account
    seen = WEEK_ENDS - timedelta(days=1)
    row = (
        f"ahead-{profile}", "test", platform, profile, None, f"ahead-{profile}", seen - timedelta(days=1), seen, came,
        json.dumps({"likes": 1}), "{}",
    )  # fmt: skip
    return Delivery("events.post_log_events", row, True, came, came)


def before() -> list[Delivery]:
    """A post of each account, of which the feed of posts has said the last; that of profiles is behind."""
    posts = [_post(account, POSTS_CAME) for account in ACCOUNTS]
    return [*posts, _profile(("INSTAGRAM", "1003"), "ahead", PROFILES_CAME, 1)]


def late() -> list[Delivery]:
    """The last level of an old week: of half of the accounts from before the watermark, of the others from after it."""
    return [
        _profile(account, "late", PROFILES_CAME + timedelta(hours=1 if number % 2 else -1), LEVEL)
        for number, account in enumerate([*ACCOUNTS, *WITHOUT_POST])
    ]


class Trial:
    """The tables before the last increment, what it makes of them, and what a variant does."""

    def __init__(self, series: Warehouse) -> None:
        self._series, self._tables = series, (*MODELS, TABLE)
        series.deliver(before())
        series.run(NOW)
        series.clone(series.database, "base", self._tables)
        series.deliver(late())
        series.run(NOW)
        series.keep("right")

    def wrong(self, place: str) -> set[str]:
        """The models that say something else than the right increment."""
        self._series.keep(place)
        return {model for model in MODELS if self._series.differences(model, place, "right", but="_version")}

    def commit_late(self) -> None:
        """A slow run commits what it has made before the last one read."""
        for model in SERIES:
            self._series.client.command(f"insert into {self._series.database}.{model} select * from base.{model}")

    def run(self, name: str, variant: Variant) -> set[str]:
        """The models that a variant gets wrong."""
        self._series.clone("base", self._series.database, self._tables)
        if variant.commits_late:
            self._reversion(variant)
        with self._series.changed(variant.macro, variant.pattern, variant.other):
            self._series.run(NOW)
        if variant.commits_late:
            self.commit_late()
        return self.wrong(name)

    def _reversion(self, variant: Variant) -> None:
        """Give the rows from before the versions that the variant would have given them."""
        fields = ", ".join(
            f"ifNull(toUnixTimestamp64Milli(toDateTime64({feed}, 3, 'UTC')), 0)"
            for feed in ("profile_ingested_at", "posts_ingested_at")
        )
        for model in variant.wrong:
            place = f"{self._series.database}.{model}"
            self._series.client.command(f"truncate table {place}")
            self._series.client.command(
                f"insert into {place} select * replace(toUInt64(281474976710656 + greatest({fields})) as _version)"
                f" from base.{model} final"
            )
            self._series.clone(self._series.database, "base", [model])
