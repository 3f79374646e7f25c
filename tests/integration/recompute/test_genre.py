"""Trending content, genre overviews and the crawl queues, computed again from what they are made of."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from . import crawl
from .comparison import Subject
from .genre import Trending, next_month, overview

TRENDING = ["month", "category", "shortcode"]


@pytest.mark.parametrize("platform", ["INSTAGRAM", "YOUTUBE"])
def test_trending_content_of_a_platform_is_recomputed(subject: Subject, platform: str) -> None:
    rows = Trending(subject, platform).rows()
    assert {row["month_state"] for row in rows} == {"OPEN", "FINAL"}

    subject.compare(f"mart_genre_{platform.lower()}_trending_content_base", TRENDING, rows)


def test_published_trending_content_is_recomputed(subject: Subject) -> None:
    rows = [row for platform in ("INSTAGRAM", "YOUTUBE") for row in Trending(subject, platform).published()]
    assert any(row["reach_is_estimated"] is False for row in rows)

    subject.compare_published("trending_content", rows)


def test_genre_overviews_are_recomputed(subject: Subject) -> None:
    def state(month: date) -> str:
        if (month.year, month.month) == (subject.as_of.year, subject.as_of.month):
            return "MTD"
        closes = datetime.combine(next_month(month), datetime.min.time()) + timedelta(days=3)
        return "CLOSING" if subject.as_of < closes else "FINAL"

    rows = overview(subject, state)
    # A linked pair is one creator under ALL, so that there are fewer than accounts.
    whole = {row["platform"]: row for row in rows if row["month"] == date(2026, 5, 1) and _is_whole(row)}
    assert whole["ALL"]["creators"] < whole["INSTAGRAM"]["creators"] + whole["YOUTUBE"]["creators"]
    assert whole["ALL"]["age_ratios"]

    subject.compare_published("genre_overview", rows)
    subject.compare("mart_genre_overview_all", ["month", "platform", "language", "category", "profile_type"], rows)


def _is_whole(row: dict[str, object]) -> bool:
    return row["language"] == row["category"] == row["profile_type"] == "ALL"


def test_whom_to_crawl_on_instagram_why_and_when(subject: Subject) -> None:
    attempts, owners = crawl.Attempts(subject, "refresh_profile_by_handle", "handle"), crawl.owners(subject)
    expected = []
    for handle, reason in crawl.strongest(crawl.instagram_claims(subject), crawl.INSTAGRAM_RULES).items():
        priority, cool_down = crawl.INSTAGRAM_RULES[reason]
        row = {"handle": handle, "profile_id": owners.get(handle), "reason": reason}
        expected.append(row | {"priority": priority, "cool_down_days": cool_down} | attempts.of(handle, cool_down))
    assert any(row["quarantined_until"] for row in expected)
    assert len({row["reason"] for row in expected}) > 4

    subject.compare("mart_instagram_tracked_profiles", ["handle"], expected)


def test_which_channels_to_crawl_why_and_when(subject: Subject) -> None:
    channels = crawl.Attempts(subject, "refresh_yt_profiles", "channel_ids")
    videos = crawl.Attempts(subject, "refresh_yt_posts_by_playlist_id", "channel_id")
    expected = []
    for channel, reason in crawl.strongest(crawl.youtube_claims(subject), crawl.YOUTUBE_RULES).items():
        priority, cool_down = crawl.YOUTUBE_RULES[reason]
        row = {"channel_id": channel, "reason": reason, "priority": priority, "cool_down_days": cool_down}
        expected.append(row | channels.of(channel, cool_down) | videos.of(channel, cool_down, "videos_"))

    subject.compare("mart_youtube_tracked_profiles", ["channel_id"], expected)
