"""How a route answers: 304 where the client has it, from the cache where it is kept, else by one statement."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from fastapi import Request, Response

from stir import __version__
from stir.app.ages import MOMENT, notes_on_age, stale_tables
from stir.app.api import exports
from stir.app.api.limits import Limits
from stir.app.meanings import bases_in
from stir.app.metrics import Metrics
from stir.app.reading.cache import AnswerCache, Kept
from stir.app.reading.generations import Generations
from stir.app.reading.reader import Reader

CACHING = "public, no-cache"
"""Caches may keep an answer, and ask each time whether it is still the one."""


CROSSING = (
    "definition: what is counted as a view changed within the periods that have crosses_definition_change;"
    " do not compare their views with other periods"
)


@dataclass(frozen=True)
class Services:
    """What routes work with; `definitions` is definitions.json, decoded."""

    reader: Reader
    cache: AnswerCache
    limits: Limits
    definitions: Mapping[str, Any]
    metrics: Metrics


def services(request: Request) -> Services:
    """The services of the application that a request came to."""
    found: Services = request.app.state.services
    return found


def canonical(parameters: Mapping[str, Any]) -> str:
    """Parameters as one text, the same for the same question: sorted, with the defaults filled in."""
    return urlencode(sorted((name, str(value)) for name, value in parameters.items() if value is not None))


def envelope(
    data: Any, generations: Generations, *, notes: Sequence[str] = (), page: Mapping[str, Any] | None = None
) -> bytes:
    """The body of a JSON answer."""
    as_of = generations.as_of
    basis = bases_in(data, list(generations.by_table))
    superseded = [table for table, found in generations.by_table.items() if found.superseded]
    whole = {
        "data": data,
        **({"page": page} if page is not None else {}),
        "generations": generations.as_json(),
        "as_of": as_of.isoformat() if as_of else None,
        "basis": basis,
        "notes": [
            *notes,
            *([CROSSING] if crosses(data) else []),
            *notes_on_age(generations),
            *(f"superseded: a newer generation of {table} is live" for table in superseded),
        ],
    }
    return msgspec.json.encode(whole)


def crosses(data: Any) -> bool:
    """Whether a row of an answer is of a period within which the meaning of a number changed."""
    if isinstance(data, Mapping):
        return data.get("crosses_definition_change") is True or any(
            crosses(value) for value in data.values() if isinstance(value, (Mapping, list))
        )
    return isinstance(data, list) and any(crosses(row) for row in data)


async def serve(
    request: Request,
    *,
    tables: Sequence[str],
    parameters: Mapping[str, Any],
    make: Callable[[], Awaitable[tuple[Generations, bytes]]],
    media_type: str = exports.JSON,
    vary: str = "Accept, Accept-Encoding",
) -> Response:
    """Answer a request about published tables.

    `make` reads and renders; what it gives is kept under the generations that it names, never under those that were
    live when the request came.
    """
    if media_type == exports.JSON:
        exports.wanted(request)
    using, now = services(request), request.app.state.clock()
    MOMENT.set(now)
    live = await using.reader.newest(tables)
    # What an answer says of ages is part of it, so one that was kept before a table became old is another one.
    old = ",".join(stale_tables(live, now))
    question = f"{request.url.path}?{canonical(parameters)} {media_type}" + (f" old: {old}" if old else "")
    wanted = request.headers.get("if-none-match", "")
    if live.by_table and _tag(question, live.key) in {tag.strip() for tag in wanted.split(",")}:
        using.limits.give_back(client(request))
        return Response(status_code=304, headers=_headers(question, live.key, vary))

    read = False

    async def compute() -> Kept:
        nonlocal read
        read = True
        generations, body = await make()
        return Kept(generations.key, body, generations.published_at)

    kept = await using.cache.get(question, live.key, compute)
    using.metrics.answered(from_cache=not read)
    headers = _headers(question, kept.generations, vary)
    if kept.published_at:
        headers["Last-Modified"] = format_datetime(kept.published_at.astimezone(UTC), usegmt=True)
    return Response(kept.body, headers=headers, media_type=media_type)


def client(request: Request) -> str:
    """Who asks, for the limits: the address of the connection."""
    return request.client.host if request.client else "unknown"


def _tag(question: str, generations: str) -> str:
    digest = hashlib.blake2b(f"{__version__} {question} {generations}".encode(), digest_size=12).hexdigest()
    return f'W/"{digest}"'


def _headers(question: str, generations: str, vary: str) -> dict[str, str]:
    named = {"Stir-Generations": generations} if generations else {}
    return {"ETag": _tag(question, generations), "Cache-Control": CACHING, "Vary": vary, **named}
