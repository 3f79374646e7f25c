"""The product's lists as the application shows them, and what their posts add up to."""

from __future__ import annotations

import json
from collections import defaultdict

from .accounts import count
from .attributes import clean
from .comparison import Row, Subject
from .listed import latest

SUMS = ("likes", "comments", "engagement", "plays", "views", "reach", "impressions", "clicks", "cost")
ORDERS = ("overall_orders", "delivered_orders", "completed_orders")


def shared(subject: Subject) -> list[Row]:
    """Every list that is not deleted; the id of its link is known if the link is open."""
    found = []
    for kind, table in (("POST", "post_collection"), ("PROFILE", "profile_collection")):
        for name, own in latest(subject.rows(f"select * from coffee_replica.{table}")).items():
            is_open = kind == "POST" or own["share_enabled"]
            if own["enabled"]:
                found.append(
                    {"collection_id": str(name), "collection_type": kind, "partner_id": own["partner_id"]}
                    | {"share_id": clean(own["share_id"]) if is_open else None, "title": clean(own["name"])}
                    | {"disabled_metrics": json.loads(clean(own["disabled_metrics"]) or "[]")}
                    | {"source": clean(own["source"]), "source_id": clean(own["source_id"])}
                    | {"budget": count(own.get("budget")), "starts_at": own.get("start_time")}
                    | {"ends_at": own.get("end_time"), "created_at": own["created_at"]}
                )
    return found


def summed(lists: list[Row], posts: list[Row]) -> list[Row]:
    """The lists with the sums of what is known of their posts."""
    members: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for post in posts:
        members[post["collection_id"], post["collection_type"]].append(post)
    return [row | _sums(members[row["collection_id"], row["collection_type"]]) for row in lists]


def _sums(posts: list[Row]) -> Row:
    def known(name: str) -> list[float]:
        return [post[name] for post in posts if post[name] is not None]

    found: Row = {name: sum(known(name)) if known(name) else None for name in (*SUMS, *ORDERS)}
    found["posts"] = len(posts)
    found["profiles"] = len({(post["platform"], post["profile_id"]) for post in posts if post["profile_id"]})
    for platform in ("instagram", "youtube"):
        found[f"{platform}_posts"] = sum(post["platform"] == platform.upper() for post in posts)
    found["reach_is_estimated"] = max(known("reach_is_estimated"), default=None)
    found["first_seen_date"] = min(known("first_seen_date"), default=None)
    found["last_seen_date"] = max(known("last_seen_date"), default=None)
    return found
