"""Trending content and genre overviews by their definitions (docs/metrics.md), in plain Python."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import product

from .accounts import add, count, newest, ratio
from .attributes import clean, own_pictures
from .channels import VIDEO
from .comparison import Row, Subject
from .leaderboard import changed_periods

CUT, OPEN_DAYS, MONTHS = 500, 30, 13
ATTRIBUTES = ("handle", "name", "language", "country", "profile_type", "followers")
AGES = ("13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
WATCHED = ("watched_engagement", "watched_views")
SUMS = (
    "followers", "followers_change", "views", "likes", "comments", "engagement", "uploads", "rated_engagement",
    "rated_audience", *WATCHED,
)  # fmt: skip


def next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def first_published_month(as_of: datetime) -> date:
    """The earliest of the thirteen months that are published."""
    months = as_of.year * 12 + as_of.month - 1 - (MONTHS - 1)
    return date(months // 12, months % 12 + 1, 1)


class Trending:
    """The leading posts of each month and category on one platform."""

    def __init__(self, subject: Subject, platform: str) -> None:
        self.as_of, self.platform = subject.as_of, platform
        if platform == "INSTAGRAM":
            feed, key, author = "instagram_post_simple", "profile_id", "mart_instagram_account"
            names, self.metric = "handle, name", "plays"
        else:
            feed, key, author = "youtube_post_simple", "channel_id", "mart_youtube_account"
            names, self.metric = "custom_url as handle, title as name", "views"
        self.key = key
        self.authors = {
            row[key]: row
            for row in subject.rows(
                f"select {key}, {names}, category, language, country, profile_type, followers"
                f" from {subject.database}.{author}"
            )
        }
        self.pictures = own_pictures(subject)
        self.posts = newest(subject.rows(f"select * from beat_replica.{feed}"), "shortcode", VIDEO)

    def _leads(self, shortcode: str, post: Row) -> Row | None:
        """The post as a candidate; None if it is not eligible."""
        published = post["publish_time" if self.platform == "INSTAGRAM" else "published_at"]
        author = self.authors.get((post[self.key] or "").strip())
        if not author or not author["category"] or not author["followers"] or not published or published > self.as_of:
            return None
        kind, likes = (post["post_type"] or "").strip().lower(), count(post["likes"])
        metric = count(post[self.metric])
        if not metric or (self.platform == "INSTAGRAM" and (kind != "reels" or likes == 0)):
            return None
        known = ("reels",) if self.platform == "INSTAGRAM" else ("video", "short")
        month = published.date().replace(day=1)
        closes = datetime.combine(next_month(month), datetime.min.time()) + timedelta(days=OPEN_DAYS)
        found = {"month": month, "category": author["category"], "shortcode": shortcode, self.key: author[self.key]}
        found |= {name: author[name] for name in ATTRIBUTES} | {"post_type": kind if kind in known else None}
        found |= {"month_state": "OPEN" if self.as_of < closes else "FINAL", "published_at": published}
        found |= {self.metric: metric, "likes": likes, "comments": count(post["comments"])}
        if self.platform == "INSTAGRAM":
            found |= {"measured_reach": count(post["reach"]) or None, "views": count(post["views"])}
        return found

    def rows(self) -> list[Row]:
        """All of them, with their ranks."""
        months: dict[tuple[date, str], list[Row]] = defaultdict(list)
        for shortcode, post in self.posts.items():
            if row := self._leads(shortcode, post):
                months[row["month"], row["category"]].append(row)
        found = []
        for posts in months.values():
            posts.sort(key=lambda p: p["shortcode"])
            posts.sort(key=lambda p: p["published_at"], reverse=True)
            posts.sort(key=lambda p: (-p[self.metric], p["likes"] is None, -(p["likes"] or 0)))
            found += [post | {"trending_rank": place} for place, post in enumerate(posts[:CUT], 1)]
        return found

    def _picture(self, shortcode: str) -> str | None:
        """Our own copy, else the platform's; of a video the larger one beside the one that the feed names."""
        post, own = self.posts[shortcode], self.pictures.get((self.platform, shortcode))
        if self.platform == "INSTAGRAM":
            return own or clean(post["thumbnail_url"]) or clean(post["display_url"])
        named = clean(post["thumbnail"])
        return own or (re.sub(r"/default\.jpg$", "/hqdefault.jpg", named) if named else None)

    def published(self) -> Iterator[Row]:
        """The rows of the thirteen months, as the application reads them."""
        for row in self.rows():
            if not first_published_month(self.as_of) <= row["month"] <= self.as_of.date():
                continue
            post = self.posts[row["shortcode"]]
            engagement, seen = add(row["likes"], row["comments"]), row[self.metric]
            credible = engagement is not None and engagement <= seen
            reach, estimated = float(seen), True
            if self.platform == "INSTAGRAM":
                estimated = row["measured_reach"] is None
                reach = float(row["measured_reach"] or row["plays"] * (0.94 - 0.001 * math.log2(row["followers"])))
                link = f"https://www.instagram.com/reel/{row['shortcode']}/"
            else:
                where = "shorts/" if row["post_type"] == "short" else "watch?v="
                link = f"https://www.youtube.com/{where}{row['shortcode']}"
            yield row | {
                "platform": self.platform,
                "short_code": row["shortcode"],
                "platform_id": row[self.key],
                "plays": row.get("plays"),
                "title": clean(post["caption" if self.platform == "INSTAGRAM" else "title"]),
                "thumbnail_url": self._picture(row["shortcode"]),
                "engagement": engagement,
                "reach": reach,
                "reach_is_estimated": estimated,
                "engagement_ratio": ratio(engagement, row["followers"]) if credible else None,
                "engagement_by_views_ratio": ratio(engagement, seen) if credible else None,
                "post_url": link,
            }


def sides(subject: Subject) -> Iterator[Row]:
    """Each account of each month that has a follower, with its creator and its audience."""
    links = {
        row["channel_id"]: row["profile_id"]
        for row in subject.rows(f"select * from {subject.database}.mart_linked_socials")
    }
    audiences = {
        (row["platform"], row["platform_id"]): row
        for row in subject.rows(f"select * from {subject.database}.mart_audience_info")
    }
    for platform, key in (
        ("INSTAGRAM", "profile_id"),
        ("YOUTUBE", "channel_id"),
    ):
        for row in subject.rows(f"select * from {subject.database}.mart_{platform.lower()}_leaderboard_base"):
            if row["followers"]:
                audience = audiences.get((platform, row[key]), {})
                yield row | {
                    "platform": platform,
                    "views": row["views"],
                    "uploads": row["uploads"],
                    "rated_audience": None if row["rated_posts"] is None else row["rated_posts"] * row["followers"],
                    "creator": links.get(row[key], row[key]),
                    "profile_type": row["profile_type"] or "CREATOR",
                    "male": audience.get("male_ratio"),
                    "female": audience.get("female_ratio"),
                    "ages": audience.get("age_group_ratios") or {},
                }


def overview(subject: Subject, state: Callable[[date], str]) -> list[Row]:
    """Creators, volumes and audience of each month in each dimension and in ALL of it."""
    cells: dict[tuple[date, str, str, str, str], list[Row]] = defaultdict(list)
    for row in sides(subject):
        ways = [[row[name], "ALL"] for name in ("platform", "language", "category", "profile_type")]
        for cell in product(*ways):
            if None not in cell:
                cells[(row["month"], *cell)].append(row)
    changed = {platform: changed_periods(platform, "month") for platform in ("INSTAGRAM", "YOUTUBE", "ALL")}
    return [
        _total(key, rows) | {"month_state": state(key[0]), "crosses_definition_change": key[0] in changed[key[1]]}
        for key, rows in cells.items()
    ]


def _total(key: tuple[date, str, str, str, str], rows: list[Row]) -> Row:
    found: Row = dict(zip(("month", "platform", "language", "category", "profile_type"), key, strict=True))
    found["creators"] = len({row["creator"] for row in rows})
    for name in SUMS:
        known = [row[name] for row in rows if row[name] is not None]
        found[name] = sum(known) if known else None
    found["engagement_ratio"] = ratio(found["rated_engagement"], found["rated_audience"])
    found["engagement_by_views_ratio"] = ratio(found["watched_engagement"], found["watched_views"])
    gendered = [row for row in rows if row["male"] is not None]
    aged = [row for row in rows if row["ages"]]
    found["gender_known_followers"] = sum(row["followers"] for row in gendered)
    found["age_known_followers"] = sum(row["followers"] for row in aged)
    for gender in ("male", "female"):
        weights = math.fsum(row["followers"] * row[gender] for row in gendered)
        found[f"{gender}_ratio"] = ratio(weights, found["gender_known_followers"])
    groups = {
        f"{gender}_{age}": math.fsum(row["followers"] * row["ages"].get(f"{gender}_{age}", 0) for row in aged)
        / (found["age_known_followers"] or 1)
        for gender, age in product("MF", AGES)
    }
    found["age_group_ratios"] = {name: share for name, share in groups.items() if share}
    ages = {age: groups[f"M_{age}"] + groups[f"F_{age}"] for age in AGES}
    found["age_ratios"] = {age: share for age, share in ages.items() if share}
    return found
