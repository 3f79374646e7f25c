"""What campaigns brought the creators of the app, by its definitions (docs/metrics.md), in plain Python."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from .accounts import newest, ratio
from .channels import CHANNEL
from .comparison import Row, Subject
from .crawl import handle_of, owners
from .listed import SHAPES, latest
from .reports import Reports

CAMPAIGN_SOURCE = "GCC_CAMPAIGN"
WORDS = {
    "city": "g3.City",
    "state": "g3.State",
    "city_tier": "g3.Tier",
    "age_band": "age",
    "price_preference": "g3.Price preference",
    "discount_preference": "g3.Discount preference",
    "preferred_channel": "g3.Preferred channel",
    "preferred_day": "g3.Preferred day",
    "preferred_hour": "g3.Preferred hour",
    "persona": "g3.Persona",
}
LISTS = {
    "brands_interested": "g3.Brands Interested",
    "brands_purchased": "g3.Brands Purchased From",
    "categories_interested": "g3.Categories Interested",
    "concerns": "g3.Concerns",
    "ingredients_interested": "g3.Ingredients Interested",
    "followed_profiles": "profiles_i_follow",
    "top_influencers": "my_top_influencers",
    "top_brands": "my_top_brands",
    "brand_mentions": "brand_mentions",
    "time_slots": "time_slots",
}
MEASURES = ("cost", "engagement", "reach", "impressions", "views", "clicks", "orders")
PER_RESULT = {
    "cpm": ("cost", "impressions"),
    "cpv": ("cost", "views"),
    "cpc": ("cost", "clicks"),
    "cpo": ("cost", "orders"),
    "cpr": ("cost", "reach"),
    "cpe": ("cost", "engagement"),
    "click_through_ratio": ("clicks", "impressions"),
    "clicks_by_reach_ratio": ("clicks", "reach"),
    "clicks_per_order": ("clicks", "orders"),
}
OF_PROFILE = (
    *("handle", "name", "category", "language", "country", "city", "gender", "creator_tier", "followers"),
    *("avg_likes", "avg_comments", "avg_reach", "reels_avg_plays", "engagement_ratio"),
)
OF_AUDIENCE = ("quality_grade", "male_ratio", "female_ratio", "quality_score")
MAPS_OF_AUDIENCE = ("age_group_ratios", "city_ratios", "country_ratios")
Claim = tuple[int, datetime, int]
"""How sure it is whose a profile is (2 its campaign profile, 1 a handle that a user linked), since when, and whose."""


def text(value: str | None) -> str | None:
    return (value or "").strip() or None


def total(rows: Iterable[Row], measure: str) -> Any:
    known = [row[measure] for row in rows if row[measure] is not None]
    return sum(known) if known else None


class Campaigns:
    """The accounts of the app, the profiles that are theirs, and the posts that they made for campaigns."""

    def __init__(self, subject: Subject, reports: Reports) -> None:
        self.subject = subject
        self.links = [
            row | {"handle": handle_of(row["handle"]), "platform": row["platform"].strip().upper()}
            for row in subject.rows("select * from identity_replica.social_account")
            if row["created_on"] <= subject.as_of
        ]
        self.campaign_profiles = latest(subject.rows("select * from coffee_replica.view_campaign_profile_lite"))
        self.owner: dict[tuple[str, str], Claim] = {}
        for place, claim in (*self._appointed(), *self._linked()):
            if claim[2] > 0:
                self.owner[place] = max(claim, self.owner.get(place, (0, claim[1], 0)))
        self.posts: dict[int, list[Row]] = defaultdict(list)
        for post in reports.summaries():
            if post["collection_type"] == "POST" and post["collection_source"] == CAMPAIGN_SOURCE:
                shown = post["views"] if post["plays"] is None else post["plays"]
                self.posts[self._doer(post)].append(post | {"views": shown, "orders": post["overall_orders"]})

    def _appointed(self) -> Iterator[tuple[tuple[str, str], Claim]]:
        """Profiles with a campaign profile."""
        for platform, view, column in (
            ("INSTAGRAM", "view_instagram_account_lite", "ig_id"),
            ("YOUTUBE", "view_youtube_account_lite", "channel_id"),
        ):
            product = latest(self.subject.rows(f"select * from coffee_replica.{view}"))
            for row in self.campaign_profiles.values():
                known = product.get(row["platform_account_id"])
                own = ((known or {}).get(column) or "").strip()
                if row["platform"] == platform and row["enabled"] and re.fullmatch(SHAPES[platform], own):
                    yield (platform, own), (2, row["updated_at"], row["gcc_user_account_id"] or 0)

    def _linked(self) -> Iterator[tuple[tuple[str, str], Claim]]:
        """Profiles whose handle a user linked."""
        channels: dict[str, tuple[datetime, str]] = {}
        feed = self.subject.rows("select * from beat_replica.youtube_account")
        for channel, row in newest(feed, "channel_id", CHANNEL).items():
            if handle := handle_of(row["custom_url"]):
                channels[handle] = max(channels.get(handle, (datetime.min, "")), (row["version"][0], channel))
        by_handle = {
            "INSTAGRAM": owners(self.subject),
            "YOUTUBE": {handle: channel for handle, (_, channel) in channels.items()},
        }
        for link in self.links:
            if own := by_handle.get(link["platform"], {}).get(link["handle"] or ""):
                yield (link["platform"], own), (1, link["created_on"], link["account_id"])

    def _doer(self, post: Row) -> int:
        """The account that a post counts for; 0 for nobody."""
        claim = self.owner.get((post["platform"], post["profile_id"] or ""))
        named = self.campaign_profiles.get(post["campaign_profile_id"] or 0, {})
        return claim[2] if claim else named.get("gcc_user_account_id") or 0

    def _shown(self, platform: str) -> dict[int, str]:
        """Each account's profile on a platform: the surest, then the newest, then the greatest id."""
        found: dict[int, tuple[int, datetime, str]] = {}
        for (place, own), (certainty, since, account) in self.owner.items():
            if place == platform:
                found[account] = max(found.get(account, (0, since, "")), (certainty, since, own))
        return {account: own for account, (_, _, own) in found.items()}

    def _surveys(self) -> dict[str, Row]:
        """The fullest answer of each handle."""
        found: dict[str, tuple[tuple[Any, ...], Row]] = {}
        for row in self.subject.rows("select * from ds.interest_survey"):
            answer: Row = {f"survey_{name}": text(row[column]) for name, column in WORDS.items()}
            for name, column in LISTS.items():
                answer[f"survey_{name}"] = [word for part in (row[column] or "").split(",") if (word := part.strip())]
            place = (
                sum(map(bool, answer.values())),
                answer["survey_city"] or "",
                answer["survey_persona"] or "",
                answer["survey_brands_interested"],
            )
            if handle := handle_of(row["handle"]):
                found[handle] = max(found.get(handle, (place, answer)), (place, answer), key=lambda pair: pair[0])
        return {handle: answer for handle, (_, answer) in found.items()}

    def _interests(self) -> dict[int, list[str]]:
        """What each account said in the app that it is interested in."""
        found: dict[int, list[str]] = {}
        for row in self.subject.rows("select * from identity_replica.host_profile"):
            chosen = json.loads(row["user_categories"] or "[]")
            names = sorted({name for entry in chosen if (name := entry.get("name", "").strip())})
            account = row["user_client_account_id"]
            found[account] = max(found.get(account, []), names, key=lambda known: (len(known), known))
        return found

    def _facts(self, model: str, key: str, where: str = "true") -> dict[str | None, Row]:
        rows = self.subject.rows(f"select * from {self.subject.database}.{model} where {where}")
        return {row[key]: row for row in rows}

    def performance(self) -> list[Row]:
        """One row per account that linked a handle."""
        joined: dict[int, datetime] = {}
        for link in self.links:
            if (account := link["account_id"]) > 0:
                joined[account] = min(joined.get(account, link["created_on"]), link["created_on"])
        profiles, channels = self._shown("INSTAGRAM"), self._shown("YOUTUBE")
        surveys, interests = self._surveys(), self._interests()
        instagram = self._facts("mart_instagram_account", "profile_id")
        youtube = self._facts("mart_youtube_account", "channel_id")
        audiences = self._facts("mart_audience_info", "platform_id", "platform = 'INSTAGRAM'")
        silent: Row = {f"survey_{name}": None for name in WORDS} | {f"survey_{name}": [] for name in LISTS}
        found = []
        for account, since in joined.items():
            profile, channel = profiles.get(account), channels.get(account)
            row: Row = {"account_id": account, "joined_at": since, "profile_id": profile, "channel_id": channel}
            handles = sorted(
                link["handle"]
                for link in self.links
                if link["account_id"] == account and link["platform"] == "INSTAGRAM" and link["handle"] in surveys
            )
            answers = [surveys[handle] for handle in handles]
            said: Row = max(answers, key=lambda answer: sum(map(bool, answer.values())), default=silent)
            row |= said
            row["app_categories"] = interests.get(account, [])
            row |= {name: instagram.get(profile, {}).get(name) for name in OF_PROFILE}
            row["subscribers"] = youtube.get(channel, {}).get("followers")
            audience = audiences.get(profile, {})
            row |= {f"audience_{name}": audience.get(name) for name in OF_AUDIENCE}
            row |= {f"audience_{name}": audience.get(name, {}) for name in MAPS_OF_AUDIENCE}
            found.append(row | brought(self.posts[account]))
        return found


def brought(posts: list[Row]) -> Row:
    """Totals of an account's posts and what a result cost, over the posts that know both sides."""
    row: Row = {
        "campaigns": len({post["collection_id"] for post in posts}),
        "campaigns_with_clicks": len({post["collection_id"] for post in posts if (post["clicks"] or 0) > 0}),
        "posts": len(posts),
        "priced_posts": sum(post["cost"] is not None for post in posts),
    }
    row |= {measure: total(posts, measure) for measure in MEASURES}
    for name, (a, b) in PER_RESULT.items():
        both = [post for post in posts if post[a] is not None and post[b] is not None]
        value = ratio(total(both, a), total(both, b))
        row[name] = value * 1000 if value is not None and name == "cpm" else value
    return row
