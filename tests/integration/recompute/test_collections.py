"""Collection series, totals, clicks and orders, computed again from the source tables."""

from __future__ import annotations

from collections import defaultdict

import pytest

from .collections import ORDERS, SPELLINGS, Clicks, Posts, most
from .collections import measured as measure
from .comparison import Row, Subject
from .listed import Lists

SUMS = ["likes", "comments", "engagement", "plays", "views", "reach", "impressions", "clicks"]
MEASURES = [
    "engagement",
    "reach",
    "impressions",
    "reach_is_estimated",
    "impressions_is_estimated",
    "engagement_by_reach_ratio",
    "engagement_by_followers_ratio",
]
KEY = ["collection_id", "collection_type", "platform", "post_shortcode"]


class Reports:
    """The series of every post of every list."""

    def __init__(self, subject: Subject) -> None:
        self.posts, self.lists, self.clicks = Posts(subject), Lists(subject), Clicks(subject)
        self.unknown: Row = dict.fromkeys(
            [
                *SPELLINGS,
                "followers",
                "post_type",
                "measured_reach",
                "measured_impressions",
                "seen_followers",
                "seen_ratio",
            ]
        )
        self.members: dict[tuple[str, str, str, str], Row | None] = {
            (name, "POST", platform, shortcode): item for (name, platform, shortcode), item in self.lists.posts.items()
        }
        followed: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name, platform, profile in self.lists.profiles:
            followed[platform, profile].append(name)
        for post in self.posts.observed:
            for name in followed.get((post[0], self.posts.author(post)), []):
                self.members[name, "PROFILE", *post] = None
        self.imputed = {post: self.posts.days(post) for post in {key[2:] for key in self.members}}
        self.series = [row for key, item in self.members.items() for row in self._series(key, item)]

    def _series(self, key: tuple[str, str, str, str], item: Row | None) -> list[Row]:
        name, _, platform, shortcode = key
        record = self.posts.records.get((platform, shortcode), self.unknown)
        post_type = record["post_type"] or (item["post_type"] if item else None)
        found = []
        for day in self.imputed[platform, shortcode]:
            clicks = None
            if item and item["link"]:
                total = self.clicks.until(item["link"], day["date"])
                clicks = self.lists.share((name, platform, shortcode)) * total
            found.append(
                dict(zip(KEY, key, strict=True))
                | day
                | {"followers": record["followers"], "clicks": clicks}
                | measure(platform, post_type, day, record)
            )
        return found

    def summary(self, key: tuple[str, str, str, str], manual: dict[tuple[str, str, str], int]) -> Row | None:
        """The last day of a post's series, or its own record where it was never observed."""
        name, kind, platform, shortcode = key
        item, days = self.members[key], self.imputed[platform, shortcode]
        record = self.posts.records.get((platform, shortcode), self.unknown)
        post_type = record["post_type"] or (item["post_type"] if item else None)
        if not days and item is None:
            return None
        state = days[-1] if days else record
        found = dict(zip(KEY, key, strict=True)) | {counter: state[counter] for counter in SPELLINGS}
        found |= {"is_observed": bool(days), "followers": record["followers"], "cost": item["cost"] if item else None}
        found["first_seen_date"] = days[0]["date"] if days else None
        found["last_seen_date"] = days[-1]["date"] if days else None
        found |= {"tracked_clicks": None, **dict.fromkeys(ORDERS)}
        if item and item["link"]:
            share, link = self.lists.share((name, platform, shortcode)), item["link"]
            found["tracked_clicks"] = share * self.clicks.until(link, self.posts.today)
            orders = self.clicks.orders.get(link, dict.fromkeys(ORDERS, 0))
            found |= {order: share * orders[order] for order in ORDERS}
        found["manual_clicks"] = manual.get((name, platform, shortcode)) if kind == "POST" else None
        found["clicks"] = most(found["tracked_clicks"], found["manual_clicks"])
        return found | measure(platform, post_type, state, record)


@pytest.fixture(scope="module")
def reports(subject: Subject) -> Reports:
    return Reports(subject)


def test_observations_of_every_post_and_day(subject: Subject, reports: Reports) -> None:
    expected = [
        {"platform": platform, "post_shortcode": shortcode, "date": day, **row}
        for (platform, shortcode), days in reports.posts.observed.items()
        for day, row in days.items()
    ]
    compared = [name for name in expected[0] if name not in ("platform", "post_shortcode", "date")]

    subject.compare(
        "mart_collection_post_observation",
        ["platform", "post_shortcode", "date"],
        expected,
        columns=compared,
        final=True,
    )


def test_filled_days_of_listed_posts(subject: Subject, reports: Reports) -> None:
    expected = [row for days in reports.imputed.values() for row in days]

    assert any(row["is_imputed"] for row in expected)
    subject.compare("mart_collection_post_imputed", ["platform", "post_shortcode", "date"], expected)


def test_series_of_posts(subject: Subject, reports: Reports) -> None:
    compared = [*SPELLINGS, "measured_reach", "measured_impressions", *MEASURES, "followers", "clicks", "is_imputed"]

    assert {row["collection_type"] for row in reports.series} == {"POST", "PROFILE"}
    subject.compare("mart_collection_post_ts", [*KEY, "date"], reports.series, columns=[*compared, "last_event_at"])


def test_daily_totals_of_collections(subject: Subject, reports: Reports) -> None:
    totals: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    key = ["collection_id", "collection_type", "platform", "date"]
    for row in reports.series:
        totals[tuple(row[name] for name in key)].append(row)

    def total(rows: list[Row], name: str) -> float | None:
        known = [row[name] for row in rows if row[name] is not None]
        return sum(known) if known else None

    expected = [
        dict(zip(key, place, strict=True))
        | {"posts": len(rows), "imputed_posts": sum(row["is_imputed"] for row in rows)}
        | {name: total(rows, name) for name in SUMS}
        for place, rows in totals.items()
    ]
    subject.compare("mart_collection_social_ts", key, expected)


def test_latest_state_of_posts_with_clicks_and_orders(subject: Subject, reports: Reports) -> None:
    entered: dict[tuple[str, str, str], int] = {}
    for entry in subject.rows(
        f"select post_collection_id, short_code, clicks from {subject.database}.manual_post_click"
    ):
        for platform in ("INSTAGRAM", "YOUTUBE"):
            key = (entry["post_collection_id"], platform, entry["short_code"])
            if key in reports.lists.posts and entry["clicks"].strip().isdigit():
                entered[key] = max(entered.get(key, 0), int(entry["clicks"]))
    expected = [row for key in reports.members if (row := reports.summary(key, entered))]
    compared = [name for name in expected[0] if name not in KEY]

    subject.compare("mart_collection_post", KEY, expected, columns=compared)


def test_clicks_of_each_link_and_day(subject: Subject, reports: Reports) -> None:
    expected = []
    for (name, platform, shortcode), item in reports.lists.posts.items():
        if not item["link"]:
            continue
        share = reports.lists.share((name, platform, shortcode))
        for day, clicks in reports.clicks.daily[item["link"]].items():
            to_date = reports.clicks.until(item["link"], day)
            expected.append(
                {"collection_id": name, "link": item["link"], "platform": platform, "post_shortcode": shortcode}
                | {"link_posts": round(1 / share), "share_ratio": share, "date": day}
                | {"link_clicks": clicks, "link_clicks_to_date": to_date}
                | {"clicks": share * clicks, "clicks_to_date": share * to_date}
            )
    key = ["collection_id", "link", "platform", "post_shortcode", "date"]

    assert any(row["link_posts"] > 1 for row in expected)
    subject.compare("mart_collection_clicks_ts", key, expected)
