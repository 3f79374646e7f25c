"""Which posts the product's lists report on, from the product's own tables."""

from __future__ import annotations

import json
import re
from collections import Counter

from .accounts import count
from .attributes import clean, handle_of
from .comparison import Row, Subject

TRACKING_SOURCE = "SAAS-AT"
PLATFORMS = ("INSTAGRAM", "YOUTUBE")
SHAPES = {"INSTAGRAM": r"\d{1,20}", "YOUTUBE": r"UC[\w-]{22}"}


def latest(rows: list[Row]) -> dict[int | str, Row]:
    """The last version of each row by its id."""
    return {row["id"]: row for row in sorted(rows, key=lambda row: row["updated_at"])}


def link_key(link: str | None) -> str | None:
    """A link as the click counter knows it: without scheme and closing slash."""
    return re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://|/+$", "", (link or "").strip()) or None


def first_link(document: str | None) -> str | None:
    links = json.loads(document or "[]")
    return link_key(links[0]) if links else None


class Lists:
    """`posts`: (list, platform, shortcode) to its item; `profiles`: (list, platform, profile) that are followed."""

    def __init__(self, subject: Subject) -> None:
        self.about: dict[tuple[str, str], Row] = {}
        for kind, table in (("POST", "post_collection"), ("PROFILE", "profile_collection")):
            for name, own in latest(subject.rows(f"select * from coffee_replica.{table}")).items():
                self.about[kind, str(name)] = {
                    "share_id": clean(own["share_id"]),
                    "partner_id": own["partner_id"],
                    "collection_name": clean(own["name"]),
                    "collection_source": clean(own["source"]),
                    "collection_source_id": clean(own["source_id"]),
                }
        lists = latest(subject.rows("select * from coffee_replica.post_collection"))
        items = latest(subject.rows("select * from coffee_replica.post_collection_item"))
        self.posts: dict[tuple[str, str, str], Row] = {}
        for item in sorted(items.values(), key=lambda item: (item["updated_at"], item["id"])):
            listed = lists.get(item["post_collection_id"])
            platform, shortcode = item["platform"].strip().upper(), item["short_code"].strip()
            shown = listed and listed["enabled"] and item["enabled"] and item["show_in_report"]
            is_post = platform in PLATFORMS and re.fullmatch(r"[\w-]{1,64}", shortcode)
            if shown and is_post and item["created_at"] <= subject.as_of:
                self.posts[item["post_collection_id"], platform, shortcode] = {
                    "link": first_link(item["sponsor_links"]),
                    "cost": count(item["cost"]),
                    "post_type": item["post_type"].strip().lower() or None,
                    "campaign_profile_id": item["posted_by_cp_id"],
                    "handle": handle_of(item["posted_by_handle"]),
                    "title": clean(item["post_title"]),
                    "post_link": clean(item["post_link"]),
                    "thumbnail_url": clean(item["post_thumbnail"]),
                    "listed_at": item["created_at"],
                }
        self.sharers = Counter((name, item["link"]) for (name, _, _), item in self.posts.items() if item["link"])
        self.profiles = self._followed(subject)

    def _followed(self, subject: Subject) -> set[tuple[str, str, str]]:
        lists = latest(subject.rows("select * from coffee_replica.profile_collection"))
        items = latest(subject.rows("select * from coffee_replica.profile_collection_item"))
        accounts = {
            platform: latest(subject.rows(f"select id, {column} as own, updated_at from coffee_replica.{view}"))
            for platform, view, column in (
                ("INSTAGRAM", "view_instagram_account_lite", "ig_id"),
                ("YOUTUBE", "view_youtube_account_lite", "channel_id"),
            )
        }
        found = set()
        for item in items.values():
            own = lists.get(item["profile_collection_id"])
            platform = item["platform"].strip().upper()
            if not own or not own["enabled"] or own["source"] != TRACKING_SOURCE or platform not in PLATFORMS:
                continue
            if item["enabled"] is False or item["hidden"] or item["created_at"] > subject.as_of:
                continue
            code = (item["platform_account_code"] or "").strip()
            account = accounts[platform].get(int(code)) if code.isdigit() else None
            known = (account["own"] or "").strip() if account else ""
            profile = known if re.fullmatch(SHAPES[platform], known) else (item["profile_social_id"] or "").strip()
            if profile:
                found.add((str(item["profile_collection_id"]), platform, profile))
        return found

    def share(self, key: tuple[str, str, str]) -> float:
        """The part of its link's clicks and orders that a post of a list gets."""
        return 1 / self.sharers[key[0], self.posts[key]["link"]]
