"""Collection series, totals, clicks and orders, computed again from the source tables."""

from __future__ import annotations

from collections import defaultdict

from .comparison import Row, Subject
from .conftest import MAIN_SEED
from .lists import shared, summed
from .reports import Reports
from .terms import of_collections, of_profiles

SUMS = ["likes", "comments", "engagement", "plays", "views", "reach", "impressions", "clicks"]


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


def test_series_of_posts_are_recomputed(subject: Subject, reports: Reports) -> None:
    assert {row["collection_type"] for row in reports.series} == {"POST", "PROFILE"}
    subject.compare_published("collection_post_ts", reports.series)


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
    links = {(row["collection_id"], row["collection_type"]): row["share_id"] for row in shared(subject)}
    for row in expected:
        row["share_id"] = links[row["collection_id"], row["collection_type"]]
    subject.compare_published("collection_totals_ts", expected)


def test_collections_and_what_they_add_up_to(subject: Subject, reports: Reports) -> None:
    expected = summed(shared(subject), reports.summaries())
    assert any(row["share_id"] is None for row in expected), "the link of some list is closed"
    assert any(row["posts"] == 0 for row in expected)

    subject.compare_published("collection", expected)


def test_latest_state_of_posts_with_clicks_and_orders(subject: Subject, reports: Reports) -> None:
    expected = reports.summaries()

    assert subject.seed != MAIN_SEED or any(row["unspaced_run_count"] for row in expected)
    # A video that nobody watched reached nobody: 0, not unknown.
    unseen = [row for row in expected if row["platform"] == "YOUTUBE" and row["views"] == 0]
    assert subject.seed != MAIN_SEED or {row["reach"] for row in unseen} == {0}
    subject.compare_published("collection_post_summary", expected)


def test_hashtags_and_keywords_of_collections(subject: Subject, reports: Reports) -> None:
    posts = reports.summaries()
    subject.compare_published("collection_hashtags", list(of_collections(posts, "hashtags", "hashtag")))
    subject.compare_published("collection_keywords", list(of_collections(posts, "keywords", "keyword")))


def test_hashtags_of_profiles_are_recomputed(subject: Subject) -> None:
    subject.compare_published("profile_hashtags", of_profiles(subject))


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
