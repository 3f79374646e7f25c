"""Collection reports by their definitions (docs/metrics.md), in plain Python, from the source tables."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from . import leaderboard as d
from .accounts import add, count, newest, ratio, reach_of, story_reach
from .attributes import described, followers_of, own_pictures
from .comparison import Row, Subject
from .listed import SHAPES, link_key

SPELLINGS = {
    "likes": ("likes",),
    "comments": ("comments",),
    "plays": ("play_count", "plays"),
    "views": ("view_count", "views"),
    "shares": ("shares",),
    "saves": ("saved", "saves"),
    "taps_forward": ("tap_forward", "taps_forward"),
    "taps_back": ("tap_back", "taps_back"),
    "exits": ("tap_exit", "exits"),
    "swipe_ups": ("swipe_up", "swipe_ups"),
    "replies": ("replies",),
    "navigation": ("navigation",),
    "profile_visits": ("profile_visits",),
    "follows": ("follows",),
    "sticker_taps": ("sticker_taps",),
    "mentions": ("mentions",),
}
MEASURED = {"reach": ("reach",), "impressions": ("impressions",)}
OWN_COUNTERS = {
    "INSTAGRAM": {**{name: name for name in SPELLINGS}, "saves": "saved", "swipe_ups": "swipe_up"},
    "YOUTUBE": {"likes": "likes", "comments": "comments", "views": "views"},
}
NOT_ON_RECORD = {"sticker_taps", "mentions"}
ORDERS = [f"{kind}_orders" for kind in (
    "overall", "delivered", "completed", "leaderboard_overall", "leaderboard_delivered", "leaderboard_completed",
)]  # fmt: skip
Post = tuple[str, str]
"""Platform and shortcode."""


def most(*values: int | None) -> int | None:
    return max((value for value in values if value is not None), default=None)


class Posts:
    """What was seen of each post on each day, and what its own record says."""

    def __init__(self, subject: Subject) -> None:
        self.today = subject.as_of.date()
        events = subject.read(
            "select event_id, source, platform, profile_id as platform_id, shortcode, metrics,"
            " toDateTime64(event_timestamp, 6) as at, toDateTime64(insert_timestamp, 6) as ingested"
            " from events.post_log_events"
        )
        self.observed: dict[Post, dict[date, Row]] = defaultdict(dict)
        for event in d.snapshots(events, SPELLINGS | MEASURED, subject.as_of).iter_rows(named=True):
            if event["at"] > subject.as_of:
                continue
            day = self.observed[event["platform"], event["shortcode"]].setdefault(
                event["at"].date(), dict.fromkeys([*SPELLINGS, *MEASURED]) | {"event_count": 0}
            )
            day |= {name: most(day[name], event[name]) for name in (*SPELLINGS, *MEASURED)}
            day |= {"profile_id": event["platform_id"], "last_event_at": event["at"]}
            day["event_count"] += 1
        self.records: dict[Post, Row] = {}
        accounts = {
            key: row
            for table, name, shape in (
                ("instagram_account", "profile_id", SHAPES["INSTAGRAM"]),
                ("youtube_account", "channel_id", SHAPES["YOUTUBE"]),
            )
            for key, row in newest(subject.rows(f"select * from beat_replica.{table}"), name, shape).items()
        }
        pictures = own_pictures(subject)
        for platform, table, author in (
            ("INSTAGRAM", "instagram_post_simple", "profile_id"),
            ("YOUTUBE", "youtube_post_simple", "channel_id"),
        ):
            feed = newest(subject.rows(f"select * from beat_replica.{table}"), "shortcode", r"[\w-]{1,64}")
            for shortcode, row in feed.items():
                by = (row[author] or "").strip()
                own = {"author": by if re.fullmatch(SHAPES[platform], by) else None}
                account = accounts.get(by)
                own |= described(platform, row, account, pictures.get((platform, shortcode)))
                self.records[platform, shortcode] = own | self._record(platform, row, followers_of(account))

    def _record(self, platform: str, row: Row, followers: int | None) -> Row:
        own = OWN_COUNTERS[platform]
        found: Row = {
            name: count(row[own[name]]) if name in own and name not in NOT_ON_RECORD else None for name in SPELLINGS
        }
        found["followers"] = followers
        found |= {"measured_reach": None, "measured_impressions": None, "seen_followers": None, "seen_ratio": None}
        if platform == "INSTAGRAM":
            found["measured_reach"] = count(row["reach"]) or None
            found["measured_impressions"] = count(row["impressions"]) or None
            seen = count(row["profile_follower"])
            found["seen_followers"] = followers if seen is None else seen
            found["seen_ratio"] = None if row["profile_er"] is None else row["profile_er"] / 100
        return found

    def author(self, post: Post) -> str:
        """Whose the post is, by its last day of observation."""
        days = self.observed[post]
        return str(days[max(days)]["profile_id"])

    def days(self, post: Post) -> list[Row]:
        """Every day from the first to the last observation: greatest counters so far, carried over the days between."""
        seen = self.observed[post]
        if not seen:
            return []
        first = {name: next((seen[day][name] for day in sorted(seen) if seen[day][name]), None) for name in MEASURED}
        found: list[Row] = []
        so_far: Row = dict.fromkeys([*SPELLINGS, *MEASURED])
        for number in range((max(seen) - min(seen)).days + 1):
            day = min(seen) + timedelta(days=number)
            own = seen.get(day, {})
            so_far = {name: most(value, own.get(name)) for name, value in so_far.items()}
            last_event_at = most(own.get("last_event_at"), found[-1]["last_event_at"] if found else None)
            found.append(
                {name: so_far[name] for name in SPELLINGS}
                | {f"measured_{name}": so_far[name] or first[name] for name in MEASURED}
                | {"platform": post[0], "post_shortcode": post[1], "date": day, "is_imputed": day not in seen}
                | {"profile_id": self.author(post), "last_event_at": last_event_at}
            )
        return found


def measured(platform: str, post_type: str | None, row: Row, record: Row) -> Row:
    """Reach, impressions, engagement and its ratios of a post with these counters."""
    found: Row = {"engagement": add(row["likes"], row["comments"])}
    reach, impressions = row["measured_reach"], row["measured_impressions"]
    if platform == "YOUTUBE":
        shown = row["views"] if row["views"] is not None else row["plays"] or None
        reach, impressions = reach or shown, impressions or shown
    elif post_type == "story":
        reach = reach or story_reach(record["seen_followers"], record["seen_ratio"])
    else:
        post = row | {"is_reel": post_type == "reels"}
        reach, impressions = reach_of(post, record["followers"], reach, impressions)
    found |= {"reach": reach, "impressions": impressions}
    for name in MEASURED:
        estimated = row[f"measured_{name}"] is None
        found[f"{name}_is_estimated"] = None if found[name] is None else estimated
    found["engagement_by_reach_ratio"] = ratio(found["engagement"], reach)
    found["engagement_by_followers_ratio"] = ratio(found["engagement"], record["followers"])
    return found


class Clicks:
    """Clicks and orders of links, by link without scheme and closing slash."""

    def __init__(self, subject: Subject) -> None:
        self.daily: dict[str, dict[date, int]] = defaultdict(dict)
        for row in subject.rows("select url, d, unique_clicks from tracking.link_clicks"):
            link = link_key(row["url"])
            # A day's clicks come at three in the morning of the next.
            if link and datetime.combine(row["d"], time(3)) + timedelta(days=1) <= subject.as_of:
                known = self.daily[link].get(row["d"], 0)
                self.daily[link][row["d"]] = max(known, row["unique_clicks"])
        self.totals = {
            link: (sorted(days), list(accumulate(days[day] for day in sorted(days))))
            for link, days in self.daily.items()
        }
        self.orders: dict[str, Row] = {}
        for row in subject.rows("select * from tracking.link_orders"):
            if link := link_key(row["link"]):
                before = self.orders.get(link, dict.fromkeys(ORDERS, 0))
                self.orders[link] = {name: max(before[name], row[name]) for name in ORDERS}

    def until(self, link: str, day: date) -> int:
        """Unique clicks on the link up to and on the day."""
        days, totals = self.totals.get(link, ([], []))
        place = bisect_right(days, day)
        return totals[place - 1] if place else 0
