"""Peer groups, grades and group averages, computed again from the accounts' metrics (see test_accounts)."""

from __future__ import annotations

from collections import Counter
from itertools import product

from .comparison import Subject
from .conftest import MAIN_SEED, PEERS
from .peers import graded, groups, keys

PLATFORMS = {
    "INSTAGRAM": ("mart_instagram_account_base", "mart_instagram_account", "profile_id"),
    "YOUTUBE": ("mart_youtube_account_base", "mart_youtube_account", "channel_id"),
}
LEAST = 100
GROUPS = ("primary_group", "secondary_group")


def graded_metrics(subject: Subject, model: str) -> list[str]:
    return [
        name.removesuffix("_grade")
        for name in subject.columns(model)
        if name.endswith("_grade") and "quality" not in name
    ]


def test_groups_grades_and_averages_are_what_their_definition_gives(subject: Subject) -> None:
    least = LEAST if subject.seed == MAIN_SEED else PEERS
    found = []
    seen: Counter[str | None] = Counter()
    for platform, (base, mart, key) in PLATFORMS.items():
        accounts = subject.rows(f"select * from {subject.database}.{base}")
        metrics = graded_metrics(subject, mart)
        own = groups(platform, accounts, metrics, least)
        found += own
        peers = {row["group_key"]: row for row in own}
        named = [{key: account[key]} | dict(zip(GROUPS, keys(platform, account), strict=True)) for account in accounts]
        subject.compare(base, [key], named, columns=list(GROUPS))
        rows = graded(platform, accounts, peers, metrics, key)
        subject.compare(mart, [key], rows, columns=[name for name in rows[0] if name != key])
        seen.update(row[f"{metric}_grade"] for row, metric in product(rows, metrics))
    if found:
        subject.compare_published("group_metrics", found)
    else:
        assert subject.rows(f"select * from {subject.database}.mart_profile_group_metrics") == []
    if subject.seed != MAIN_SEED:
        assert {row["group_kind"] for row in found} == {"PRIMARY", "SECONDARY"}
        assert all(seen[word] > 10 for word in ("Excellent", "Very Good", "Good", "Average", "Poor", None))


def test_quality_of_channels_is_a_weighted_mean_of_three_grades(subject: Subject) -> None:
    points = {"Excellent": 5, "Very Good": 4, "Good": 3, "Average": 2, "Poor": 1, None: 0}
    words = ["Poor", "Average", "Good", "Very Good", "Excellent"]
    weights = {"views_growth_30d": 0.5, "followers_growth_30d": 0.25, "uploads_growth_30d": 0.25}
    named = ", ".join(f"{metric}_grade" for metric in weights)
    rows = subject.rows(f"select channel_id, {named} from {subject.database}.mart_youtube_account")
    for row in rows:
        rating = sum(weight * points[row[f"{metric}_grade"]] for metric, weight in weights.items())
        row["channel_quality_score"] = 19 * rating if rating else None
        row["channel_quality_grade"] = words[max(int(rating + 0.5), 1) - 1] if rating else None

    subject.compare(
        "mart_youtube_account", ["channel_id"], rows, columns=["channel_quality_score", "channel_quality_grade"]
    )
