"""Whom to crawl, why and when, by the definitions (seed tracking_rule, docs/metrics.md), in plain Python."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from .accounts import newest
from .channels import CHANNEL
from .comparison import Row, Subject
from .listed import latest

INSTAGRAM_RULES = {
    "app_sign_up": (1, 30),
    "account_tracking": (4, 1),
    "leaderboard": (4, 7),
    "customer_list": (5, 1),
    "home_country": (5, 14),
    "campaign": (6, 30),
    "followers": (7, 30),
    "rest": (8, 30),
}
YOUTUBE_RULES = {
    "account_tracking": (1, 1),
    "customer_list": (2, 1),
    "leaderboard": (3, 1),
    "followers": (4, 1),
    "rest": (5, 7),
}
QUARANTINE = {2: 1, 3: 7}
PASSING_HOURS = 12
RANKS = [
    f"{rank}{within}"
    for rank in ("followers_rank", "followers_change_rank", "views_rank", "plays_rank")
    for within in ("", "_by_cat", "_by_lang", "_by_cat_lang")
]


class Attempts:
    """What has come of the jobs of one flow, by entity."""

    def __init__(self, subject: Subject, flow: str, param: str) -> None:
        self.as_of = subject.as_of
        jobs: dict[int, Row] = {}
        for job in subject.rows(f"select * from beat_replica.scrape_request_log where flow = '{flow}'"):
            times = [job[name] for name in ("created_at", "picked_at", "scraped_at", "expires_at") if job[name]]
            rank = (max(times), job["scraped_at"] or datetime.min, job["picked_at"] or datetime.min, job["status"])
            if job["status"] != "ARCHIVED" and (job["id"] not in jobs or rank > jobs[job["id"]]["rank"]):
                jobs[job["id"]] = job | {"rank": rank}
        self.outcomes: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for job in jobs.values():
            if job["status"] not in ("COMPLETE", "FAILED") or not job["scraped_at"] or job["scraped_at"] > self.as_of:
                continue
            asked = json.loads(job["params"])[param]
            entities = {
                e.strip().lower() if param == "handle" else e.strip()
                for e in ([asked] if isinstance(asked, str) else asked)
            }
            text = job["data"] or ""
            passes = text.startswith(("(204)", "(409)", "(429)")) or "NoneType" in text or len(entities) > 1
            outcome = "success" if job["status"] == "COMPLETE" else "passing" if passes else "permanent"
            for entity in entities:
                self.outcomes[entity].append((job["scraped_at"], outcome))

    def of(self, entity: str, cool_down: int, prefix: str = "") -> Row:
        """State of an entity and when it is due."""
        outcomes = self.outcomes.get(entity, [])
        moments = {
            kind: [at for at, outcome in outcomes if outcome == kind] for kind in ("success", "permanent", "passing")
        }
        success = max(moments["success"], default=None)
        errors = [at for at in moments["permanent"] if not success or at > success]
        last = max(moments["success"] + moments["permanent"], default=None)
        quarantine = None
        if len(errors) > 1:
            quarantine = max(errors) + timedelta(days=QUARANTINE.get(len(errors), 30))
        due = [moment for moment in (last and last + timedelta(days=cool_down), quarantine) if moment]
        due += [at + timedelta(hours=PASSING_HOURS) for at in moments["passing"]]
        return {
            f"{prefix}errors_since_success": len(errors),
            f"last_{prefix}attempt_at": last,
            f"last_{prefix}success_at": success,
            f"{prefix}quarantined_until": quarantine,
            f"next_{prefix}attempt": max(due, default=self.as_of),
        }


def members(subject: Subject, platform: str, source: str) -> Iterator[tuple[str | None, str | None, datetime]]:
    """Account, product's handle and last touch of each item in the profile lists of a source."""
    lists = latest(subject.rows("select * from coffee_replica.profile_collection"))
    view = f"view_{platform.lower()}_account_lite"
    accounts = latest(subject.rows(f"select * from coffee_replica.{view}"))
    shape = r"\d{1,20}" if platform == "INSTAGRAM" else CHANNEL
    for item in latest(subject.rows("select * from coffee_replica.profile_collection_item")).values():
        own = lists.get(item["profile_collection_id"])
        if not own or not own["enabled"] or own["source"] != source or item["platform"] != platform:
            continue
        if item["enabled"] is False or item["hidden"] or item["created_at"] > subject.as_of:
            continue
        product = accounts.get(int(item["platform_account_code"]), {})
        social = (item["profile_social_id"] or "").strip()
        account = product.get("ig_id" if platform == "INSTAGRAM" else "channel_id")
        account = account or (social if re.fullmatch(shape, social) else None)
        yield account, handle_of(product.get("handle")), max(own["updated_at"], item["updated_at"])


def handle_of(text: str | None) -> str | None:
    return (text or "").strip().lower().lstrip("@") or None


def ranked(subject: Subject, platform: str) -> set[str]:
    """Accounts on the board of this month or the last one."""
    first = (subject.as_of.replace(day=1) - timedelta(days=1)).replace(day=1).date()
    rows = subject.rows(
        f"select platform_id, current_month_ranks from {subject.database}.mart_leaderboard"
        f" where platform = '{platform}' and month >= '{first}'"
    )
    return {r["platform_id"] for r in rows if any(r["current_month_ranks"].get(rank, 1000) < 1000 for rank in RANKS)}


def strongest(claims: Iterator[tuple[str | None, str]], rules: dict[str, tuple[int, int]]) -> dict[str, str]:
    """The reason that holds of each claimed entity."""
    found: dict[str, str] = {}
    for entity, reason in claims:
        if entity and (entity not in found or (*rules[reason], reason) < (*rules[found[entity]], found[entity])):
            found[entity] = reason
    return found


def instagram_claims(subject: Subject) -> Iterator[tuple[str | None, str]]:
    accounts = {
        row["profile_id"]: row
        for row in subject.rows(
            f"select profile_id, handle, country, followers from {subject.database}.mart_instagram_account"
        )
    }

    def known(account: str | None, handle: str | None) -> str | None:
        return (accounts.get(account or "", {}).get("handle")) or handle

    for row in subject.rows("select * from identity_replica.social_account where platform = 'INSTAGRAM'"):
        if timedelta(0) <= subject.as_of - row["created_on"] <= timedelta(days=7):
            yield handle_of(row["handle"]), "app_sign_up"
    for account, handle, _ in members(subject, "INSTAGRAM", "SAAS-AT"):
        yield known(account, handle), "account_tracking"
    for account, handle, touched in members(subject, "INSTAGRAM", "SAAS"):
        if touched >= subject.as_of - timedelta(days=30):
            yield known(account, handle), "customer_list"
    products = latest(subject.rows("select * from coffee_replica.view_instagram_account_lite"))
    for row in latest(subject.rows("select * from coffee_replica.view_campaign_profile_lite")).values():
        product = products.get(row["platform_account_id"])
        if row["platform"] == "INSTAGRAM" and row["enabled"] and product:
            yield known(product["ig_id"], handle_of(product["handle"])), "campaign"
    on_board = ranked(subject, "INSTAGRAM")
    for account, row in accounts.items():
        yield row["handle"], "rest"
        if account in on_board:
            yield row["handle"], "leaderboard"
        if row["country"] == "IN":
            yield row["handle"], "home_country"
        if (row["followers"] or 0) > 2000:
            yield row["handle"], "followers"


def youtube_claims(subject: Subject) -> Iterator[tuple[str | None, str]]:
    for source, reason in (("SAAS-AT", "account_tracking"), ("SAAS", "customer_list")):
        for account, _, _ in members(subject, "YOUTUBE", source):
            yield account, reason
    on_board = ranked(subject, "YOUTUBE")
    for row in subject.rows(f"select channel_id, followers from {subject.database}.mart_youtube_account"):
        yield row["channel_id"], "rest"
        if row["channel_id"] in on_board:
            yield row["channel_id"], "leaderboard"
        if (row["followers"] or 0) > 10_000:
            yield row["channel_id"], "followers"


def owners(subject: Subject) -> dict[str, str]:
    """Which profile a handle means: the one that changed last, then the greater id."""
    feed = subject.rows("select * from beat_replica.instagram_account")
    found: dict[str, tuple[datetime, str]] = {}
    for profile, row in newest(feed, "profile_id", r"\d{1,20}").items():
        handle = handle_of(row["handle"])
        if handle:
            found[handle] = max(found.get(handle, (datetime.min, "")), (row["version"][0], profile))
    return {handle: profile for handle, (_, profile) in found.items()}
