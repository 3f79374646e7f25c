"""Whose a handle or an id is. The Graph API has ids of its own, ours is the numeric profile id; rows link both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stir.collector.chain import Asking
from stir.collector.protocol import Task
from stir.collector.sources.instagram.parse import Profile
from stir.collector.sources.instagram.process import ACCOUNTS, POSTS
from stir.collector.stored import Row


@dataclass(frozen=True)
class Known:
    """A profile as it is stored.

    Attributes:
        identity: our number of it; the Graph API's as long as nobody knows another one.
        row: the row as it stands.
    """

    identity: str
    row: Row | None


@dataclass(frozen=True)
class Moved:
    """The handle belongs to another profile than the one that is stored under it."""

    handle: str
    identity: str


async def known_profile(profile: Profile, asked: str, asking: Asking) -> Known | Moved:
    """Who a discovered profile is: by the Graph API's id, else by the handle that was asked for, else somebody new."""
    by_id = await asking.stored.rows(ACCOUNTS, "fbid", [profile.id])
    if row := by_id.get(profile.id):
        return Known(str(row["profile_id"]), row)
    by_handle = await asking.stored.rows(ACCOUNTS, "handle", [asked.lower()])
    row = by_handle.get(asked.lower())
    if row is None or not row.get("profile_id"):
        return Known(profile.id, row)
    if row.get("fbid"):
        return Moved(asked, str(row["profile_id"]))
    return Known(str(row["profile_id"]), row)


async def graph_ids(column: str, values: list[str], asking: Asking) -> dict[str, Row]:
    """The rows of accounts that have an id of the Graph API, by handle or profile id."""
    rows = await asking.stored.rows(ACCOUNTS, column, [each.lower() for each in values])
    return {value: row for value, row in rows.items() if row.get("fbid") and row.get("profile_id")}


async def posts_of_owners(tasks: Sequence[Task], asking: Asking) -> dict[str, tuple[Row, Row | None]]:
    """The stored posts by shortcode, with the author's account if that has an id of the Graph API."""
    posts = await asking.stored.rows(POSTS, "shortcode", [task.entities[0] for task in tasks])
    authors = [str(row["profile_id"]) for row in posts.values() if row.get("profile_id")]
    accounts = await graph_ids("profile_id", authors, asking)
    return {code: (row, accounts.get(str(row.get("profile_id")))) for code, row in posts.items()}
