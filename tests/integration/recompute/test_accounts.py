"""Post statistics, account metrics and ranks, computed again from the source tables."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from .accounts import RECENT, Accounts, count, newest_first, ratio
from .channels import Channels
from .comparison import Row, Subject
from .creators import creators, shown_posts
from .events import Events
from .pairs import Pairs
from .peers import sizes

SHOWN = [
    "avg_likes",
    "avg_comments",
    "avg_reach",
    "avg_impressions",
    "engagement_ratio",
    "engagement_by_reach_ratio",
    "reels_avg_plays",
    "reels_avg_reach",
    "reels_avg_impressions",
    "static_avg_reach",
    "static_avg_impressions",
]


@pytest.fixture(scope="module")
def accounts(subject: Subject, events: Events) -> Accounts:
    return Accounts(subject, events)


def test_reach_and_place_of_each_post_are_what_their_definition_gives(subject: Subject, accounts: Accounts) -> None:
    posts = []
    for profile, own in accounts.posts.items():
        account = accounts.accounts.get(profile)
        for is_class in (False, True):
            places: dict[object, int] = defaultdict(int)
            for post in newest_first(own):
                scope = post["is_reel"] if is_class else None
                places[scope] += 1
                post["class_post_rank" if is_class else "post_rank"] = places[scope]
        posts += [
            {**post, "post_shortcode": post["shortcode"], "followers": count(account["followers"]) if account else None}
            | {"profile_id": profile, "published_at": post["published"]}
            | {"is_recent": post["post_rank"] <= RECENT, "is_recent_in_class": post["class_post_rank"] <= RECENT}
            | {"post_class": "reels" if post["is_reel"] else "static"}
            for post in own
        ]
    measured = ["followers", "likes", "comments", "views", "plays", "engagement", "reach", "impressions"]

    subject.compare("mart_instagram_all_posts", ["post_shortcode"], posts, columns=measured)
    subject.compare("mart_instagram_post_ranks", ["post_shortcode"], posts, columns=["post_rank", "class_post_rank"])
    recent = [post for post in posts if post["is_recent"] or post["is_recent_in_class"]]
    assert 0 < len(recent) < len(posts)
    subject.compare("mart_instagram_recent_post_stats", ["post_shortcode"], recent)


def test_channels_and_profiles_of_one_creator(subject: Subject) -> None:
    subject.compare("mart_linked_socials", ["channel_id"], Pairs(subject).linked())


def test_creators_as_the_application_shows_them(subject: Subject) -> None:
    expected = creators(subject)
    assert any(row["is_known_by_series_only"] for row in expected)
    assert all(any(row[name] for row in expected) for name in ("metrics", "linked_platform_id", "is_private"))

    subject.compare_published("creator", expected)


def test_the_newest_and_the_best_posts_of_each_creator(subject: Subject, accounts: Accounts) -> None:
    expected = shown_posts(subject, accounts)
    assert {row["platform"] for row in expected} == {"INSTAGRAM", "YOUTUBE"}
    assert {True, False, None} <= {row["reach_is_estimated"] for row in expected}
    assert any(row["newest_place"] is None for row in expected), "somebody's best post is an old one"

    subject.compare_published("creator_post", expected)


@pytest.mark.parametrize("suffix", ["", "_partial"])
def test_account_summaries_are_what_their_definition_gives(subject: Subject, accounts: Accounts, suffix: str) -> None:
    day_ago = subject.as_of - timedelta(hours=24)
    expected = [
        accounts.summary(profile)
        for profile, account in accounts.accounts.items()
        if accounts.posts[profile] and (not suffix or account["version"][0] > day_ago)
    ]

    subject.compare(f"mart_instagram_account_summary{suffix}", ["profile_id"], expected, final=bool(suffix))


def test_account_metrics_are_what_their_definition_gives(subject: Subject, accounts: Accounts) -> None:
    found = []
    for profile in accounts.accounts:
        summary = accounts.summary(profile)
        row = accounts.month(profile) | accounts.growth(profile)
        row |= sizes(summary["followers"])
        row["avg_posts_per_week"] = accounts.posts_per_week(profile)
        for name in ("profile_id", "followers", "following", "total_posts", "recent_posts", "likes_spread_pct"):
            row[name] = summary[name]
        for name in ("story_reach", "likes_to_comment_ratio", "followers_following_ratio"):
            row[name] = summary[name]
        for name in SHOWN:
            trimmed = summary[f"{name}_trimmed"]
            row[name] = summary[name] if trimmed is None else trimmed
        comments = row["avg_comments"]
        row["comments_rate_pct"] = None if comments is None else ratio(100 * comments, summary["followers"])
        found.append(row)
    measured = [name for name in found[0] if name != "profile_id"]

    assert sum(row["followers_growth_30d"] is not None for row in found) > len(found) / 2
    subject.compare("mart_instagram_account_base", ["profile_id"], found, columns=measured)


def test_channel_metrics_are_what_their_definition_gives(subject: Subject) -> None:
    channels = Channels(subject)
    found = [channels.metrics(channel) for channel in channels.accounts]
    measured = [name for name in found[0] if name != "channel_id"]

    subject.compare("mart_youtube_account_base", ["channel_id"], found, columns=measured)


@pytest.mark.parametrize(
    ("model", "key", "third"),
    [("mart_instagram_account", "profile_id", "plays_30d"), ("mart_youtube_account", "channel_id", "views_growth_30d")],
)
def test_ranks_by_followers_follow_their_chain(subject: Subject, model: str, key: str, third: str) -> None:
    partitions = {
        "followers_rank_by_country": ("country",),
        "followers_rank_by_country_category": ("country", "category"),
        "followers_rank_by_category": ("category",),
        "followers_rank_by_language": ("language",),
    }
    rows = subject.rows(
        f"select {key}, followers, followers_growth_30d, {third}, country, category, language"
        f" from {subject.database}.{model}"
    )

    def place(account: Row) -> tuple[Any, ...]:
        last = [(value is None, -(value or 0)) for value in (account["followers_growth_30d"], account[third])]
        return -account["followers"], *last, account[key]

    for rank, columns in partitions.items():
        groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for account in rows:
            account[rank] = None
            within = tuple(account[column] for column in columns)
            if None not in within and account["followers"]:
                groups[within].append(account)
        for group in groups.values():
            for number, account in enumerate(sorted(group, key=place), 1):
                account[rank] = number
    subject.compare(model, [key], rows, columns=list(partitions))
