"""How a route answers: 304 where the client has it, from the cache where it is kept, else by one statement."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import msgspec
from fastapi import Request, Response

from stir import __version__
from stir.app.ages import MOMENT, notes_on_age, stale_tables
from stir.app.api import exports
from stir.app.api.known import Fields, KnownRequests, Question
from stir.app.api.limits import Limits
from stir.app.meanings import bases_in
from stir.app.metrics import Metrics
from stir.app.reading.cache import GZIP_FROM, AnswerCache, Kept
from stir.app.reading.generations import Generations
from stir.app.reading.reader import Reader

NONE: Mapping[str, str] = MappingProxyType({})
CACHING = "public, no-cache"
"""Caches may keep an answer, and ask each time whether it is still the one."""


CROSSING = (
    "definition: what is counted as a view changed within the periods that have crosses_definition_change;"
    " do not compare their views with other periods"
)
CROSSES = b'"crosses_definition_change":true'
"""In the JSON of a row of a period within which the meaning of a number changed, and in no text: there quotes have a
backslash before them."""


@dataclass(frozen=True)
class Services:
    """What routes work with.

    Attributes:
        definitions: definitions.json, decoded. known: requests that were answered before.
        choices: by board, the generation of which they are and what the filters of the board can be in it.
        choosing: by board, the lock of whoever reads them.
    """

    reader: Reader
    cache: AnswerCache
    limits: Limits
    definitions: Mapping[str, Any]
    metrics: Metrics
    known: KnownRequests = field(default_factory=KnownRequests)
    choices: dict[str, tuple[int, dict[str, list[str]]]] = field(default_factory=dict)
    choosing: Mapping[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))


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
    encoded = msgspec.json.encode(data)
    whole = {
        "data": msgspec.Raw(encoded),
        **({"page": page} if page is not None else {}),
        "generations": generations.as_json(),
        "as_of": as_of.isoformat() if as_of else None,
        "basis": basis,
        "notes": [
            *notes,
            *([CROSSING] if CROSSES in encoded else []),
            *notes_on_age(generations),
            *(f"superseded: a newer generation of {table} is live" for table in superseded),
        ],
    }
    return msgspec.json.encode(whole)


async def serve(
    request: Request,
    *,
    tables: Sequence[str],
    parameters: Mapping[str, Any],
    make: Callable[[], Awaitable[tuple[Generations, bytes]]],
    media_type: str = exports.JSON,
    vary: str = "Accept, Accept-Encoding",
    headers: Mapping[str, str] = NONE,
) -> Response:
    """Answer a request about published tables.

    `make` reads and renders; what it gives is kept under the generations that it names, never under those that were
    live when the request came. It is called again for the same request after a swap, so it must not hold the request.
    `headers` are added to the answer.
    """
    if media_type == exports.JSON:
        exports.wanted(request)
    question = f"{request.url.path}?{canonical(parameters)} {media_type}"
    always = {"Cache-Control": CACHING, "Vary": vary, **headers}
    asked = Question(tuple(tables), question, media_type, always, request.scope.get("route"), make)
    answer = await _answer(request, asked)
    services(request).known.note(request, asked)
    return answer


async def serve_again(request: Request) -> Response | None:
    """The answer to a request that was answered before, without routing and validating it; None to any other."""
    asked = services(request).known.find(request)
    if asked is None:
        return None
    request.scope["route"] = asked.route
    return await _answer(request, asked)


async def _answer(request: Request, asked: Question) -> Response:
    using, read, state = services(request), False, None
    MOMENT.set(request.app.state.clock())
    tags = request.headers.get("if-none-match")
    # What is live matters only to somebody who has an answer already: the client, or the cache.
    if tags or using.cache.knows(asked.question):
        live = await using.reader.newest(asked.tables)
        if tags and (answer := _same(request, asked, tags, live)):
            return answer
        state = live.key + _old(live)

    async def compute() -> Kept:
        nonlocal read
        read = True
        generations, body = await asked.make()
        return Kept(generations.key, body, generations.published_at, _old(generations))

    kept = await using.cache.get(asked.question, state, compute)
    using.metrics.answered(from_cache=not read)
    return _respond(request, asked, kept)


def _old(generations: Generations) -> str:
    """Which of the tables are old, as a text: what an answer says of ages is part of it, so one that was kept before a
    table became old is another one."""
    old = ",".join(stale_tables(generations, MOMENT.get()))
    return f" old: {old}" if old else ""


def _same(request: Request, asked: Question, tags: str, live: Generations) -> Response | None:
    """304 where the client has this answer; it costs the client nothing."""
    fields = _fields(asked, live.key, _old(live))
    known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}  # a weak comparison (RFC 9110)
    if not live.by_table or dict(fields)[b"etag"].decode().removeprefix("W/") not in known:
        return None
    services(request).limits.give_back(client(request))
    return Ready(304, b"", fields)


def _respond(request: Request, asked: Question, kept: Kept) -> Response:
    body, more = kept.body, {"Content-Type": asked.media_type}
    if kept.last_modified:
        more["Last-Modified"] = kept.last_modified
    if len(body) >= GZIP_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        body, more["Content-Encoding"] = kept.compressed, "gzip"
    more["Content-Length"] = str(len(body))
    return Ready(200, body, [*_fields(asked, kept.generations, kept.old), *encoded(more)])


class Ready(Response):
    """An answer whose header fields are as they are sent already."""

    def __init__(self, status_code: int, body: bytes, fields: Fields) -> None:
        self.status_code, self.body, self.raw_headers, self.background = status_code, body, [*fields], None


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Header fields as they are sent."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def client(request: Request) -> str:
    """Who asks, for the limits: the address of the connection."""
    return request.client.host if request.client else "unknown"


def _fields(asked: Question, generations: str, old: str) -> Fields:
    """What every answer of this state says in its header; what does not change is made once."""
    if asked.answered[0] != generations + old or not asked.answered[1]:
        words = f"{__version__} {asked.question}{old} {generations}"
        named = {"Stir-Generations": generations} if generations else {}
        tag = f'W/"{hashlib.blake2b(words.encode(), digest_size=12).hexdigest()}"'
        asked.answered = generations + old, encoded({**asked.headers, "ETag": tag, **named})
    return asked.answered[1]
