"""Post statistics and account metrics of Instagram, computed again from the source tables in plain Python.

Written from the definitions (the models' YAML), not from their SQL.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

from stir import connections
from stir.settings import Settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.transform.warehouse import Build

Row = dict[str, Any]
TOLERANCE = 1e-9
RECENT, NEEDED, CUT = 12, 5, 2
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rows(client: Client, sql: str) -> list[Row]:
    """The answer of a query; times are UTC."""
    return list(client.query(sql, query_tz="UTC", column_formats={}).named_results())


def aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def count(value: int | None) -> int | None:
    return value if value is not None and value >= 0 else None


def newest(feed: Iterable[Row], key: str, shape: str) -> dict[str, Row]:
    """The last version of each row with a usable key."""
    found: dict[str, Row] = {}
    for row in feed:
        name = (row[key] or "").strip()
        if re.fullmatch(shape, name):
            row["version"] = (aware(row["updated_at"]) or aware(row["created_at"]) or EPOCH, row["id"])
            if name not in found or row["version"] > found[name]["version"]:
                found[name] = row
    return found


def add(*values: float | None) -> float | None:
    return None if None in values else sum(v for v in values if v is not None)


def ratio(a: float | None, b: float | None) -> float | None:
    return a / b if a is not None and b else None


def mean(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return fmean(known) if known else None


class Definitions:
    """The metrics of one moment."""

    def __init__(self, client: Client, as_of: datetime) -> None:
        self.as_of = as_of
        self.accounts = newest(rows(client, "select * from beat_replica.instagram_account"), "profile_id", r"\d{1,20}")
        own = newest(rows(client, "select * from beat_replica.instagram_post_simple"), "shortcode", r"[\w-]{1,64}")
        self.posts: dict[str, list[Row]] = defaultdict(list)
        for shortcode, row in own.items():
            row |= {"published": aware(row["publish_time"]), "type": (row["post_type"] or "").lower()}
            self._take(shortcode, row)
        old: dict[str, Row] = {}
        for row in rows(client, "select * from vendor.instagram_posts_historical"):
            shortcode = (row["shortcode"] or "").strip()
            published = aware(row["publish_time"])
            row |= {
                "published": published - timedelta(minutes=330) if published else None,
                "type": (row["post_type"] or "").lower(),
                "reach": None,
                "impressions": None,
            }
            if shortcode and shortcode not in own:
                kept = old.get(shortcode)
                if not kept or (row["published"] or EPOCH) > (kept["published"] or EPOCH):
                    old[shortcode] = row
        for shortcode, row in old.items():
            self._take(shortcode, row)

    def _take(self, shortcode: str, row: Row) -> None:
        profile = (row["profile_id"] or "").strip()
        if not re.fullmatch(r"\d{1,20}", profile) or row["type"] == "story":
            return
        if row["published"] and row["published"] > self.as_of:
            return
        followers = count(self.accounts[profile]["followers"]) if profile in self.accounts else None
        post = {name: count(row[name]) for name in ("likes", "comments", "views", "plays")}
        post |= {"shortcode": shortcode, "published": row["published"], "is_reel": row["type"] == "reels"}
        post["engagement"] = add(post["likes"], post["comments"])
        post["reach"], post["impressions"] = reach_of(post, followers, row["reach"] or None, row["impressions"] or None)
        post["engagement_ratio"] = ratio(post["engagement"], followers)
        post["engagement_by_reach_ratio"] = ratio(post["engagement"], post["reach"])
        self.posts[profile].append(post)

    def summary(self, profile: str) -> Row:
        """Plain and trimmed averages of one profile."""
        account = self.accounts[profile]
        followers, following = count(account["followers"]), count(account["following"])
        timed = sorted(self.posts[profile], key=lambda p: p["shortcode"])
        timed.sort(key=lambda p: p["published"] or EPOCH, reverse=True)
        scopes = {
            "": (timed[:RECENT], "likes"),
            "reels_": ([p for p in timed if p["is_reel"]][:RECENT], "plays"),
            "static_": ([p for p in timed if not p["is_reel"]][:RECENT], "likes"),
        }
        found: Row = {"profile_id": profile, "followers": followers, "following": following}
        for prefix, (posts, yardstick) in scopes.items():
            placed = sorted((p for p in posts if p[yardstick] is not None), key=lambda p: p["shortcode"])
            placed.sort(key=lambda p: p[yardstick], reverse=True)
            kept = placed[CUT:-CUT] if len(placed) >= NEEDED else []
            plural = {"": "posts", "reels_": "reels", "static_": "static"}[prefix]
            found |= {f"recent_{plural}": len(posts), f"trimmed_{plural}": len(kept)}
            averaged = ["likes", "comments", "reach", "impressions"]
            if prefix == "reels_":
                averaged += ["views", "plays"]
            for name in averaged:
                found[f"{prefix}avg_{name}"] = mean(p[name] for p in posts)
                found[f"{prefix}avg_{name}_trimmed"] = mean(p[name] for p in kept)
            for name in ("engagement_ratio", "engagement_by_reach_ratio"):
                found[f"{prefix}{name}"] = mean(p[name] for p in posts)
                found[f"{prefix}{name}_trimmed"] = mean(p[name] for p in kept)
        likes = [p["likes"] for p in scopes[""][0] if p["likes"] is not None]
        found["likes_spread_pct"] = ratio(100 * max(likes), found["avg_likes"]) if likes else None
        found["story_reach"] = story_reach(followers, found["engagement_ratio"])
        found["followers_following_ratio"] = ratio(followers, following)
        return found

    def month(self, profile: str) -> Row:
        """Sums over the posts published in the thirty days before the day of as_of."""
        end = self.as_of.replace(hour=0, minute=0, second=0, microsecond=0)
        posts = [p for p in self.posts[profile] if p["published"] and end - timedelta(days=30) <= p["published"] < end]
        found: Row = {"uploads_30d": len(posts)}
        for name in ("plays", "likes", "comments", "reach", "impressions"):
            known = [p[name] for p in posts if p[name] is not None]
            found[f"{name}_30d"] = sum(known) if known else None
        return found


def reach_of(
    post: Row, followers: int | None, reach: int | None, impressions: int | None
) -> tuple[float | None, float | None]:
    """Measured values, else estimates."""
    likes, plays = post["likes"], post["plays"]
    if post["is_reel"]:
        estimate = max(plays * (0.94 - 0.001 * math.log2(followers)), 0) if plays and followers else None
        return reach or estimate, impressions or plays or None
    if not likes:
        return reach, impressions
    known = reach or max(0.85 * likes * (7.6 - 0.7 * math.log10(likes)), 0)
    return known, impressions or max(0.95 * likes * (7.6 - 0.75 * math.log10(likes)), known)


def story_reach(followers: int | None, engagement_ratio: float | None) -> float | None:
    if not followers or engagement_ratio is None:
        return None
    return max(0.0, 0.0222 * followers * math.log2(100 * engagement_ratio + 2) - 0.000025017 * followers)


def differences(expected: Row, actual: Row) -> list[str]:
    """Columns that differ: numbers by the tolerance, everything else at all."""

    def same(a: Any, b: Any) -> bool:
        if isinstance(a, float) or isinstance(b, float):
            return a is not None and b is not None and math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-12)
        return bool(a == b)

    return [
        f"{name}: {actual[name]} is not {value}" for name, value in expected.items() if not same(value, actual[name])
    ]


@pytest.fixture(scope="module")
def client(settings: Settings, warehouse: Build) -> Client:
    return connections.clickhouse(settings)


@pytest.fixture(scope="module")
def definitions(settings: Settings, client: Client) -> Definitions:
    assert settings.as_of
    return Definitions(client, aware(datetime.fromisoformat(settings.as_of)) or EPOCH)


@pytest.mark.parametrize("model", ["mart_instagram_account_summary", "mart_instagram_account_summary_partial final"])
def test_account_summaries_are_what_their_definition_gives(
    settings: Settings, client: Client, definitions: Definitions, model: str
) -> None:
    day_ago = definitions.as_of - timedelta(hours=24)

    def is_covered(profile: str) -> bool:
        return "partial" not in model or bool(definitions.accounts[profile]["version"][0] > day_ago)

    expected = {
        profile: definitions.summary(profile)
        for profile in definitions.accounts
        if definitions.posts[profile] and is_covered(profile)
    }
    actual = {r["profile_id"]: r for r in rows(client, f"select * from {settings.clickhouse_database}.{model}")}
    assert len(expected) > 100
    assert expected.keys() == actual.keys()
    assert {p: d for p in expected if (d := differences(expected[p], actual[p]))} == {}


def test_account_metrics_are_what_their_definition_gives(
    settings: Settings, client: Client, definitions: Definitions
) -> None:
    actual = {
        r["profile_id"]: r
        for r in rows(client, f"select * from {settings.clickhouse_database}.mart_instagram_account_base")
    }
    assert definitions.accounts.keys() == actual.keys()
    shown = ["avg_likes", "avg_comments", "avg_reach", "engagement_ratio", "reels_avg_plays", "static_avg_reach"]
    found = {}
    for profile, account in actual.items():
        summary = definitions.summary(profile)
        expected = definitions.month(profile) | {"recent_posts": summary["recent_posts"]}
        for name in shown:
            trimmed = summary[f"{name}_trimmed"]
            expected[name] = summary[name] if trimmed is None else trimmed
        expected["comments_rate_pct"] = ratio(100 * (expected["avg_comments"] or 0), summary["followers"])
        if expected["avg_comments"] is None:
            expected["comments_rate_pct"] = None
        expected["likes_to_comment_ratio"] = ratio(expected["avg_likes"], expected["avg_comments"])
        if differing := differences(expected, account):
            found[profile] = differing
    assert found == {}


def test_ranks_by_followers_follow_their_chain(settings: Settings, client: Client) -> None:
    database = settings.clickhouse_database
    partitions = {
        "followers_rank_by_country": ("country",),
        "followers_rank_by_country_category": ("country", "category"),
        "followers_rank_by_category": ("category",),
        "followers_rank_by_language": ("language",),
    }
    for model, key, third in (
        ("mart_instagram_account", "profile_id", "plays_30d"),
        ("mart_youtube_account", "channel_id", "views_30d"),
    ):
        accounts = rows(client, f"select * from {database}.{model}")

        def place(account: Row, key: str = key, third: str = third) -> tuple[Any, ...]:
            last = [(v is None, -(v or 0)) for v in (account["followers_growth_30d"], account[third])]
            return -account["followers"], *last, account[key]

        for rank, columns in partitions.items():
            groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
            for account in accounts:
                within = tuple(account[c] for c in columns)
                if None not in within and account["followers"]:
                    groups[within].append(account)
                else:
                    assert account[rank] is None
            assert groups
            for group in groups.values():
                assert [a[rank] for a in sorted(group, key=place)] == list(range(1, len(group) + 1))
