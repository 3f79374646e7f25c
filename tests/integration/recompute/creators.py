"""Creators and their posts as the application shows them, by their definitions (docs/metrics.md)."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from stir.app.folding import grams_of

from .accounts import EPOCH, Accounts, add, count, newest, ratio, seen_count
from .attributes import clean, described, own_pictures
from .comparison import Row, Subject
from .leaderboard import definition_changes

SHOWN = 12
OTHER = {"INSTAGRAM": "YOUTUBE", "YOUTUBE": "INSTAGRAM"}
NAMES = {
    "INSTAGRAM": ("mart_instagram_account", "profile_id", "linked_channel_id", "handle", "name", "total_posts"),
    "YOUTUBE": ("mart_youtube_account", "channel_id", "linked_profile_id", "custom_url", "title", "uploads"),
}
UNGRADED = {
    "INSTAGRAM": [
        *(f"followers_growth_{days}d" for days in (7, 30, 90, 365)),
        *(f"{name}_30d" for name in ("uploads", "likes", "comments", "reach", "impressions", "avg_reels_plays")),
    ],
    "YOUTUBE": ["views", "shorts", "uploads_growth_7d", "uploads_growth_365d"],
}
AS_THEY_ARE: tuple[str, ...] = (
    "group_key",
    "profile_pic_url",
    "category",
    "language",
    "country",
    "profile_type",
    "creator_tier",
)
AS_THEY_ARE += ("follower_group", "followers", "is_verified", "updated_at")
AS_THEY_ARE += tuple(f"followers_rank_by_{what}" for what in ("country", "country_category", "category", "language"))


def creators(subject: Subject) -> list[Row]:
    """Every account with a record or a series; the account marts and the series are recomputed by other tests."""
    found: dict[tuple[str, str], Row] = {}
    for platform, names in NAMES.items():
        for row in subject.rows(f"select * from {subject.database}.{names[0]}"):
            shown = creator(platform, row)
            shown["metrics_crossing_definition_change"] = crossing(platform, shown["metrics"], subject.as_of.date())
            found[platform, shown["platform_id"]] = shown
    for row in subject.rows(f"select distinct platform, platform_id from {subject.database}.mart_time_series"):
        unknown = dict.fromkeys(name for name in next(iter(found.values())))
        unknown |= {
            "metrics": {},
            "grades": {},
            "group_averages": {},
            "metrics_crossing_definition_change": [],
            "search_grams": [],
            "is_known_by_series_only": True,
        }
        found.setdefault((row["platform"], row["platform_id"]), unknown | row)
    return list(found.values())


def creator(platform: str, row: Row) -> Row:
    _, key, linked, handle, name, posts = NAMES[platform]
    graded = [column.removesuffix("_grade") for column in row if column.endswith("_grade") and "quality" not in column]
    found = {column: row[column] for column in AS_THEY_ARE}
    found |= {"platform": platform, "platform_id": row[key], "linked_platform_id": row[linked]}
    found |= {"linked_platform": OTHER[platform] if row[linked] else None, "posts": row[posts]}
    found |= {"handle": row[handle], "handle_lower": (row[handle] or "").lower()[:60] or None}
    found |= {"search_grams": grams_of(row[handle], row[name])}
    found |= {"name": row[name], "name_lower": (row[name] or "").lower()[:60] or None}
    found |= {"following": row.get("following"), "is_private": row.get("is_private")}
    found |= {"is_followers_hidden": row.get("is_subscriber_count_hidden"), "is_known_by_series_only": False}
    found["metrics"] = known({metric: row[metric] for metric in graded + UNGRADED[platform]})
    found["grades"] = {metric: row[f"{metric}_grade"] for metric in graded if row[f"{metric}_grade"]}
    found["group_averages"] = known({metric: row[f"{metric}_group_avg"] for metric in graded})
    return found


def crossing(platform: str, metrics: Row, today: date) -> list[str]:
    """The growth metrics whose window holds a day from which the platform counted something else as a view."""
    since = [(today - day).days for day in definition_changes(platform, "views")]
    grown = {f"views_growth_{days}d": days for days in (7, 30, 365)} if platform == "YOUTUBE" else {}
    return [name for name, days in grown.items() if name in metrics and any(0 < ago < days for ago in since)]


def known(numbers: Row) -> dict[str, float]:
    return {name: float(value) for name, value in numbers.items() if value is not None and math.isfinite(value)}


def shown_posts(subject: Subject, accounts: Accounts) -> list[Row]:
    """The newest and the best posts of every account."""
    pictures = own_pictures(subject)
    own = newest(subject.rows("select * from beat_replica.instagram_post_simple"), "shortcode", r"[\w-]{1,64}")
    old = {
        (row["shortcode"] or "").strip(): row
        for row in subject.rows("select shortcode, post_type from vendor.instagram_posts_historical")
    }
    found = []
    for profile, members in accounts.posts.items():
        followers = seen_count(accounts.accounts[profile], "followers") if profile in accounts.accounts else None
        for post, places in chosen(members, "engagement"):
            code = post["shortcode"]
            shown: Row = {"title": None, "thumbnail_url": None, "reach_is_estimated": True, "post_type": None}
            if code in own:
                record = described("INSTAGRAM", own[code], None, pictures.get(("INSTAGRAM", code)))
                shown |= {name: record[name] for name in ("title", "thumbnail_url", "post_type")}
                shown["reach_is_estimated"] = not own[code]["reach"]
            else:
                shown["post_type"] = clean((old[code]["post_type"] or "").lower())
                shown["thumbnail_url"] = pictures.get(("INSTAGRAM", code))
            if post["reach"] is None:
                shown["reach_is_estimated"] = None
            watched = post["views"] if post["plays"] is None else post["plays"]
            page = "reel" if post["is_reel"] else "p"
            found.append(
                {name: post[name] for name in ("views", "plays", "likes", "comments", "engagement", "reach")}
                | shown
                | places
                | {"platform": "INSTAGRAM", "platform_id": profile, "best_by": "engagement", "followers": followers}
                | {"post_url": f"https://www.instagram.com/{page}/{code}/", "published_at": post["published"]}
                | rates(post["engagement"], watched, followers)
            )
    return found + videos(subject, pictures)


def videos(subject: Subject, pictures: dict[tuple[str, str], str | None]) -> list[Row]:
    followers = {
        row["channel_id"]: row["followers"]
        for row in subject.rows(f"select channel_id, followers from {subject.database}.mart_youtube_account")
    }
    feed = newest(subject.rows("select * from beat_replica.youtube_post_simple"), "shortcode", r"[\w-]{1,64}")
    channels: dict[str, list[Row]] = defaultdict(list)
    for shortcode, row in feed.items():
        channel = (row["channel_id"] or "").strip()
        is_private = (row["privacy_status"] or "").strip().lower() == "private"
        record = described("YOUTUBE", row, None, None)
        published = record["published_at"]
        if re.fullmatch(r"UC[\w-]{22}", channel) and not is_private and not (published and published > subject.as_of):
            post: Row = {name: count(row[name]) for name in ("views", "likes", "comments")}
            named = clean(row["thumbnail"])
            picture = re.sub(r"/default\.jpg$", "/hqdefault.jpg", named) if named else None
            post |= {"shortcode": shortcode, "published": published, "title": record["title"]}
            post |= {"post_type": record["post_type"], "engagement": add(post["likes"], post["comments"])}
            post["thumbnail_url"] = pictures.get(("YOUTUBE", shortcode)) or picture
            channels[channel].append(post)
    found = []
    for channel, members in channels.items():
        for post, places in chosen(members, "views"):
            where = "shorts/" if post["post_type"] == "short" else "watch?v="
            shown = ("title", "post_type", "thumbnail_url", "views", "likes", "comments", "engagement")
            views = post["views"]
            found.append(
                {name: post[name] for name in shown}
                | places
                | {"platform": "YOUTUBE", "platform_id": channel, "best_by": "views", "plays": None}
                | {"reach": None if views is None else float(views), "followers": followers.get(channel)}
                | {"reach_is_estimated": None if views is None else True, "published_at": post["published"]}
                | {"post_url": f"https://www.youtube.com/{where}{post['shortcode']}"}
                | rates(post["engagement"], views, followers.get(channel))
            )
    return found


def chosen(members: list[Row], merit: str) -> Iterable[tuple[Row, Row]]:
    """The posts that are shown, with their places among the newest and the best."""
    by_code = sorted(members, key=lambda post: post["shortcode"])
    latest = sorted(by_code, key=lambda post: post["published"] or EPOCH, reverse=True)
    best = sorted((post for post in latest if post[merit] is not None), key=lambda post: -post[merit])
    new = {post["shortcode"]: place for place, post in enumerate(latest[:SHOWN], 1)}
    good = {post["shortcode"]: place for place, post in enumerate(best[:SHOWN], 1)}
    for post in by_code:
        code = post["shortcode"]
        if code in new or code in good:
            yield post, {"short_code": code, "newest_place": new.get(code), "best_place": good.get(code)}


def rates(engagement: int | None, watched: int | None, followers: int | None) -> Row:
    credible = engagement is not None and watched is not None and engagement <= watched
    return {
        "engagement_by_views_ratio": ratio(engagement, watched) if credible else None,
        "engagement_by_followers_ratio": ratio(engagement, followers),
    }
