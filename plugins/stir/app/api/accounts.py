"""What routes and pages read of one account, in one statement: who it is, and the parts of it that they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stir.app.api.answers import Services
from stir.app.api.parameters import BOARDS_OF
from stir.app.api.problems import Problem
from stir.app.meanings import basis_of
from stir.app.reading.statement import Answer, Part

BOARD, SERIES, HASHTAGS = "leaderboard", "social_profile_time_series", "social_profile_hashtags"
CREATOR, GROUPS, AUDIENCE, POSTS = "creator", "group_metrics", "creator_audience", "creator_post"
MOVEMENT = "rank_movement"

WHO = (Part("who", "who", CREATOR), Part("linked", "linked", CREATOR), Part("months", "creator", BOARD))
"""The parts that say who an account is."""
PARTS_OF: Mapping[str, Part] = {
    "series": Part("weeks", "series", SERIES),
    "grades": Part("group", "peers", GROUPS),
    "audience": Part("audience", "audience", AUDIENCE),
    "posts": Part("posts", "posts", POSTS),
    "hashtags": Part("hashtags", "hashtags", HASHTAGS),
}
"""What more a part of an answer takes; the ranks are in the months of WHO."""
WHY = Part("movement", "movement", MOVEMENT)
_NOTHING: Mapping[str, Any] = {
    "metrics": {},
    "grades": {},
    "group_averages": {},
    "metrics_crossing_definition_change": (),
}
_NOW = (
    "handle",
    "name",
    "profile_pic_url",
    "category",
    "language",
    "country",
    "profile_type",
    "creator_tier",
    "follower_group",
    "followers",
    "following",
    "posts",
    "followers_rank_by_country",
    "followers_rank_by_country_category",
    "followers_rank_by_category",
    "followers_rank_by_language",
    "is_verified",
    "is_private",
    "is_followers_hidden",
    "updated_at",
)


def account(platform: str, platform_id: str, **more: Any) -> dict[str, Any]:
    """An account as parameters of a statement."""
    profile_platform, boards = BOARDS_OF[platform]
    return {
        "platform": platform,
        "platform_id": platform_id,
        "profile_platform": profile_platform,
        "boards": boards,
        "monthly": False,
        "first": None,
        "last": None,
        "month": None,
        **more,
    }


def unknown(platform: str, platform_id: str) -> Problem:
    """The 404 for an account that is in no table."""
    detail = f"no {platform} account with id {platform_id[:60]!r} is published; search by name with /creators?q="
    return Problem(404, detail, kind="no-such-creator")


def parts_of(include: Sequence[str], *more: Part) -> list[Part]:
    """The parts of an answer that has `include`."""
    return [*WHO, *(PARTS_OF[name] for name in include if name in PARTS_OF), *more]


def tables_of(parts: Sequence[Part]) -> list[str]:
    """The tables that parts are read from, each once."""
    return list(dict.fromkeys(part.table for part in parts))


async def read_creator(using: Services, parts: Sequence[Part], platform: str, platform_id: str) -> Answer:
    """The parts of one account, in one statement.

    Raises:
        Problem: 404, no table knows the account.
    """
    answer = await using.reader.answer(parts, account(platform, platform_id))
    if not answer.rows("who") and not answer.rows("months"):
        raise unknown(platform, platform_id)
    return answer


def profile(
    who: Sequence[Mapping[str, Any]], months: Sequence[Mapping[str, Any]], platform: str, platform_id: str
) -> dict[str, Any]:
    """Who an account is now, and its newest month on a board.

    What the record does not say comes from that month; an account that only its series knows has an id alone.
    """
    newest = next((row for row in months if row["platform"] == platform), months[0] if months else {})
    known = who[0] if who else {}
    now = {name: newest.get(name) if known.get(name) is None else known[name] for name in _NOW}
    return {
        "platform": platform,
        "platform_id": platform_id,
        **now,
        "is_known_by_series_only": bool(known.get("is_known_by_series_only")),
        "is_on_a_board": bool(months),
        "month": newest.get("month"),
        "month_state": newest.get("month_state"),
    }


def linked_of(answer: Answer) -> dict[str, Any] | None:
    """The same creator's other account, by its id at least; None where none is known."""
    who = answer.rows("who")
    if not who or who[0]["linked_platform"] is None:
        return None
    found = answer.rows("linked")
    if found:
        return found[0]
    own = who[0]
    unknown_yet = {"handle": None, "name": None, "followers": None}
    return {"platform": own["linked_platform"], "platform_id": own["linked_platform_id"], **unknown_yet}


def grades_of(answer: Answer) -> dict[str, Any]:
    """The account's metrics beside its peer group. Both sides of a metric have the same definition and the same key."""
    who = answer.rows("who")
    known = who[0] if who else _NOTHING
    group = answer.rows("group")[0] if answer.rows("group") else None
    shown = None
    if group:
        names = ("group_key", "group_kind", "country", "category", "follower_group", "profiles")
        shown = {name: group[name] for name in names}
    metrics = []
    for metric, value in sorted(known["metrics"].items()):
        compared = None
        if group and metric in group["p40"]:
            compared = {name: group[name].get(metric) for name in ("p40", "p60", "p75", "p90")}
        metrics.append(
            {
                "metric": metric,
                "basis": basis_of(CREATOR, "metrics", metric),
                "value": value,
                "crosses_definition_change": metric in known["metrics_crossing_definition_change"],
                "grade": known["grades"].get(metric),
                "group_average": known["group_averages"].get(metric),
                "thresholds": compared,
                "measured_profiles": group["measured_profiles"].get(metric) if group else None,
            }
        )
    return {"group": shown, "metrics": metrics}


def _in_order(rows: Sequence[dict[str, Any]], place: str) -> list[dict[str, Any]]:
    return sorted((row for row in rows if row[place] is not None), key=lambda row: int(row[place]))


def posts_of(answer: Answer) -> dict[str, Any]:
    """The newest posts and the best ones, each in their order, and what the best are best by."""
    rows = answer.rows("posts")
    lists = {name: _in_order(rows, f"{name}_place") for name in ("newest", "best")}
    return {"best_by": rows[0]["best_by"] if rows else None, **lists}


def hashtags_of(answer: Answer) -> list[dict[str, Any]]:
    """The hashtags of an answer that has the part `hashtags`, each with the number of its posts."""
    return [
        {"hashtag": tag, "posts": posts}
        for row in answer.rows("hashtags")
        for tag, posts in zip(row["hashtags"], row["posts"], strict=True)
    ]
