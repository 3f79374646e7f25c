"""What customers' lists cost and brought. The audit log has who looked, written before anything is shown."""

from __future__ import annotations

from typing import Any

import psycopg
from fastapi import Request

from stir.app.api.answers import services
from stir.app.api.problems import Problem
from stir.app.api.shared import LISTS, POSTS
from stir.app.operate.access import store
from stir.app.operate.people import Person
from stir.app.reading.generations import Generations
from stir.app.reading.statement import Part

LOOKED_AT_ALL, LOOKED_AT_ONE = "look at costs of lists", "look at costs of a list"
TYPES = ("POST", "PROFILE")
_ALL = Part("lists", "costs", LISTS)
_POSTS = Part("posts", "costs_of_posts", POSTS)


async def listed(
    request: Request, person: Person, *, partner_id: int | None, after: int, limit: int
) -> tuple[list[dict[str, Any]], Generations]:
    """Lists with their costs, the newest first, beginning after as many as `after`.

    Raises:
        Problem: 503, the look could not be noted.
    """
    await _note(request, person, LOOKED_AT_ALL, "collection", partner_id=partner_id, after=after, limit=limit)
    parameters = {"partner_id": partner_id, "collection_id": None, "collection_type": None}
    answer = await services(request).reader.answer([_ALL], {**parameters, "after": after, "limit": limit})
    return answer.rows("lists"), answer.generations


async def shown(
    request: Request, person: Person, collection_type: str, collection_id: str
) -> tuple[dict[str, Any], Generations]:
    """One list with its costs, and those of its `posts`, in one statement.

    Raises:
        Problem: 404, there is no such list; 503, the look could not be noted.
    """
    await _note(request, person, LOOKED_AT_ONE, f"{collection_type}/{collection_id}")
    key = {"partner_id": None, "collection_id": collection_id, "collection_type": collection_type}
    answer = await services(request).reader.answer([_ALL, _POSTS], {**key, "after": 0, "limit": 1})
    if not answer.rows("lists"):
        raise Problem(404, f"there is no list {collection_type} {collection_id[:60]!r}", kind="no-such-list")
    return {**answer.rows("lists")[0], "listed_posts": answer.rows("posts")}, answer.generations


async def _note(request: Request, person: Person, action: str, subject: str, **detail: Any) -> None:
    try:
        await store(request).note(person, action, subject, **detail)
    except psycopg.Error:
        raise Problem(
            503,
            "costs are shown only while the audit log can be written",
            kind="no-audit",
            headers={"Retry-After": "5"},
        ) from None
