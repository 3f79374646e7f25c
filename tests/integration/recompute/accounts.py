"""Post statistics and account metrics by their definitions (docs/metrics.md), in plain Python."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import fmean

from .comparison import Row, Subject
from .events import Events

RECENT, NEEDED, CUT = 12, 5, 2
EPOCH = datetime(1970, 1, 1)
AGES = {7: 3, 30: 7, 90: 14, 365: 30}
"""Length of a growth window to how many days old the level at one of its ends may be."""
WEEKS = 12


def count(value: int | None) -> int | None:
    return value if value is not None and value >= 0 else None


def seen_count(account: Row, name: str) -> int | None:
    """A count of an Instagram account. A 0 of a private one says that it was not seen."""
    return None if account["is_private"] and account[name] == 0 else count(account[name])


def newest(feed: Iterable[Row], key: str, shape: str) -> dict[str, Row]:
    """The last version of each row with a usable key."""
    found: dict[str, Row] = {}
    for row in feed:
        name = (row[key] or "").strip()
        if re.fullmatch(shape, name):
            row["version"] = (row["updated_at"] or row["created_at"] or EPOCH, row["id"])
            if name not in found or row["version"] > found[name]["version"]:
                found[name] = row
    for row in found.values():
        heed_flags(row)
    return found


def heed_flags(row: Row) -> None:
    """Numbers of a post that say nothing, by the flag beside them, become unknown."""
    if row.get("like_and_view_counts_disabled"):
        row |= dict.fromkeys(("likes", "views", "plays"))
    if row.get("comments_disabled"):
        row["comments"] = None
    if (row.get("privacy_status") or "").strip().lower() == "private":
        row |= {name: row[name] or None for name in ("views", "likes", "comments")}


def add(*values: float | None) -> float | None:
    return None if None in values else sum(v for v in values if v is not None)


def ratio(a: float | None, b: float | None) -> float | None:
    return a / b if a is not None and b else None


def mean(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return fmean(known) if known else None


def newest_first(posts: list[Row]) -> list[Row]:
    """By time of publishing, unknown last, equal times by shortcode."""
    ordered = sorted(posts, key=lambda post: post["shortcode"])
    return sorted(ordered, key=lambda post: post["published"] or EPOCH, reverse=True)


class Accounts:
    """Instagram accounts with their posts, as of one moment."""

    def __init__(self, subject: Subject, events: Events) -> None:
        self.as_of = subject.as_of
        self.levels: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        for event in events.profiles.filter(platform="INSTAGRAM").iter_rows(named=True):
            if event["followers"] is not None:
                self.levels[event["platform_id"]].append((event["at"], event["followers"]))
        self.accounts = newest(subject.rows("select * from beat_replica.instagram_account"), "profile_id", r"\d{1,20}")
        own = newest(subject.rows("select * from beat_replica.instagram_post_simple"), "shortcode", r"[\w-]{1,64}")
        self.posts: dict[str, list[Row]] = defaultdict(list)
        for shortcode, row in own.items():
            row |= {"published": row["publish_time"], "type": (row["post_type"] or "").lower()}
            self._take(shortcode, row)
        old: dict[str, Row] = {}
        for row in subject.rows("select * from vendor.instagram_posts_historical"):
            shortcode = (row["shortcode"] or "").strip()
            published = row["publish_time"]
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
        followers = seen_count(self.accounts[profile], "followers") if profile in self.accounts else None
        post: Row = {name: count(row[name]) for name in ("likes", "comments", "views", "plays")}
        post |= {"shortcode": shortcode, "published": row["published"], "is_reel": row["type"] == "reels"}
        post["engagement"] = add(post["likes"], post["comments"])
        post["reach"], post["impressions"] = reach_of(post, followers, row["reach"] or None, row["impressions"] or None)
        post["engagement_ratio"] = ratio(post["engagement"], followers)
        post["engagement_by_reach_ratio"] = ratio(post["engagement"], post["reach"])
        self.posts[profile].append(post)

    def summary(self, profile: str) -> Row:
        """Plain and trimmed averages of one profile."""
        account = self.accounts[profile]
        followers, following = seen_count(account, "followers"), seen_count(account, "following")
        timed = newest_first(self.posts[profile])
        scopes = {
            "": (timed[:RECENT], "likes"),
            "reels_": ([p for p in timed if p["is_reel"]][:RECENT], "plays"),
            "static_": ([p for p in timed if not p["is_reel"]][:RECENT], "likes"),
        }
        found: Row = {"profile_id": profile, "followers": followers, "following": following}
        found["total_posts"] = seen_count(account, "media_count")
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
        rated = [p for p in scopes[""][0] if p["likes"] is not None and p["comments"] is not None]
        found["likes_to_comment_ratio"] = ratio(sum(p["likes"] for p in rated), sum(p["comments"] for p in rated))
        found["story_reach"] = story_reach(followers, found["engagement_ratio"])
        found["followers_following_ratio"] = ratio(followers, following)
        return found

    def month(self, profile: str) -> Row:
        """Sums over the posts published in the thirty days before the day of as_of."""
        end = self.as_of.replace(hour=0, minute=0, second=0, microsecond=0)
        posts = [p for p in self.posts[profile] if p["published"] and end - timedelta(days=30) <= p["published"] < end]
        is_dated = any(p["published"] for p in self.posts[profile])
        found: Row = {"uploads_30d": len(posts) if is_dated else None}
        found["avg_reels_plays_30d"] = mean(p["plays"] for p in posts if p["is_reel"])
        for name in ("plays", "likes", "comments", "reach", "impressions"):
            known = [p[name] for p in posts if p[name] is not None]
            found[f"{name}_30d"] = sum(known) if known else None
        return found

    def growth(self, profile: str) -> Row:
        """Growth of followers over whole days before the day of as_of."""
        today = midnight(self.as_of)

        def level(end: datetime, age: int) -> int | None:
            known = [level for at, level in self.levels[profile] if end - timedelta(days=age) <= at < end]
            return known[-1] if known else None

        found: Row = {}
        for days, age in AGES.items():
            now, before = level(today, age), level(today - timedelta(days=days), age)
            change = None if now is None or before is None else now - before
            found[f"followers_growth_{days}d"] = change
            if days == 30:
                found["followers_growth_30d_pct"] = ratio(None if change is None else 100 * change, before)
        return found

    def posts_per_week(self, profile: str) -> float | None:
        """Posts of the last twelve weeks by week, or of the time since the account is known."""
        published = [post["published"] for post in self.posts[profile] if post["published"]]
        return per_week(published, self.accounts[profile]["created_at"], self.as_of)


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def per_week(published: list[datetime], first_seen: datetime | None, as_of: datetime) -> float | None:
    """How many of these times fall into a week of the twelve before the day, or of those since the first is known."""
    if not published:
        return None
    today = midnight(as_of)
    start = today - timedelta(weeks=WEEKS)
    known_since = midnight(min([*published, *([first_seen] if first_seen else [])]))
    weeks = max((today - max(start, known_since)) / timedelta(weeks=1), 1)
    return sum(start <= moment < today for moment in published) / weeks


def reach_of(
    post: Row, followers: int | None, reach: int | None, impressions: int | None
) -> tuple[float | None, float | None]:
    """Measured values, else estimates."""
    likes, plays = post["likes"], post["plays"]
    if post["is_reel"]:
        estimate = max(plays * (0.94 - 0.001 * math.log2(followers)), 0) if plays and followers else None
        known = reach or estimate
        return known, impressions or (max(plays, known or 0) if plays else None)
    if not likes:
        return reach, impressions
    size = math.log10(likes)
    if not reach and followers and likes <= followers:
        reach = min(followers, max(likes, 0.85 * likes * (7.6 - 0.7 * size)))
    size = min(size, 7)
    views_of_one = max(1, 0.95 * (7.6 - 0.75 * size) / (0.85 * (7.6 - 0.7 * size)))
    return reach, impressions or (reach * views_of_one if reach else None)


def story_reach(followers: int | None, engagement_ratio: float | None) -> float | None:
    if not followers or engagement_ratio is None:
        return None
    estimate = 0.0222 * followers * math.log2(100 * engagement_ratio + 2) - 0.000025017 * followers
    return min(max(0.0, estimate), followers)
