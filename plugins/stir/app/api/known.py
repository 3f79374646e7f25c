"""Requests that were answered before: what they ask is known without routing and validating them once more.

Routing and validation say the same of the same request for ever, and take most of the time of an answer that is kept
and a third of one that is read. What was published meanwhile they do not know: that is looked up for every request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache
from starlette.requests import Request

from stir.app.reading.generations import Generations

MOST_BYTES = 16_000_000
OVERHEAD = 2_500
"""Bytes that a question takes beside its text, about: its validated parameters and what holds them."""
Key = tuple[str, bytes, bytes]
Fields = Sequence[tuple[bytes, bytes]]
"""Header fields as they are sent."""


@dataclass(eq=False)
class Question:
    """What a request asks.

    Attributes:
        tables: that are read. question: path, parameters and media type as one text, the same for the same question.
        media_type: of the answer. headers: those that every answer to it has. route: the declared one, for the metrics.
        make: reads the answer that is right now. answered: the state of the last answer, and its header fields.
    """

    tables: tuple[str, ...]
    question: str
    media_type: str
    headers: Mapping[str, str]
    route: Any
    make: Callable[[], Awaitable[tuple[Generations, bytes]]]
    answered: tuple[str, Fields] = ("", ())


class KnownRequests:
    """What requests ask, by path, query and Accept; the least recently used go when 16 MB are full."""

    def __init__(self) -> None:
        self._asked: LRUCache[Key, Question] = LRUCache(MOST_BYTES, getsizeof=_size)

    def find(self, request: Request) -> Question | None:
        """What the request asks, if it was answered before."""
        return self._asked.get(_key(request)) if request.method == "GET" else None

    def note(self, request: Request, asked: Question) -> None:
        """Remember what a request asks that was answered."""
        if request.method == "GET" and len(request.scope["query_string"]) < 2_000:
            self._asked[_key(request)] = asked


def _key(request: Request) -> Key:
    scope = request.scope
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return scope["path"], scope["query_string"], accept


def _size(asked: Question) -> int:
    return 2 * len(asked.question) + OVERHEAD
