"""Finished answers, kept in memory as long as the generations that they are of are live."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cached_property

from cachetools import LRUCache

OVERHEAD = 500
"""Bytes that an entry takes beside its body, about."""
GZIP_FROM = 1000
"""Bytes from which a body is worth packing."""
PACKED = 4
"""A packed body takes at most about this part of it."""


@dataclass(frozen=True)
class Kept:
    """An answer's bytes, and what they are of.

    Attributes:
        generations: the key of the generations. body: the bytes. published_at: when the newest generation was.
        old: which of the tables were older than promised, as the answer says.
    """

    generations: str
    body: bytes
    published_at: datetime | None = None
    old: str = ""

    @property
    def state(self) -> str:
        """Of what the answer is, as one text: it is the right one as long as this is so."""
        return self.generations + self.old

    @cached_property
    def last_modified(self) -> str:
        """When the newest generation was published, as HTTP writes it."""
        return format_datetime(self.published_at.astimezone(UTC), usegmt=True) if self.published_at else ""

    @cached_property
    def compressed(self) -> bytes:
        """The body for clients that take gzip, packed once."""
        return gzip.compress(self.body, 5, mtime=0)


class AnswerCache:
    """Answers by (route, parameters, representation); the least recently used go when `size` bytes are full.

    An answer is asked for with the state of now (Kept.state), so that no answer of an earlier generation is given after
    a swap. Only one request at a time computes an answer; the others of the same key wait for it. An error is
    never kept.
    """

    def __init__(self, size: int) -> None:
        self._kept: LRUCache[Hashable, Kept] = LRUCache(size, getsizeof=_size)
        self._locks: dict[Hashable, asyncio.Lock] = {}

    def knows(self, key: Hashable) -> bool:
        """Whether an answer is kept, of whatever state, or somebody computes it now."""
        return key in self._kept or key in self._locks

    def find(self, key: Hashable, state: str | None) -> Kept | None:
        """The answer of this state, if it is kept."""
        kept = self._kept.get(key)
        return kept if kept and kept.state == state else None

    async def get(self, key: Hashable, state: str | None, compute: Callable[[], Awaitable[Kept]]) -> Kept:
        """The kept answer, else the one that `compute` gives, which is kept under the state that it names.

        `state` is that of now; None where it was not looked up, so that nothing kept will do.
        """
        if kept := self.find(key, state):
            return kept
        if not self._kept.maxsize:
            return await compute()
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if kept := self.find(key, state):
                    return kept
                kept = await compute()
                if _size(kept) <= self._kept.maxsize:
                    self._kept[key] = kept
                return kept
        finally:
            if not lock.locked():
                self._locks.pop(key, None)


def _size(kept: Kept) -> int:
    return len(kept.body) + len(kept.body) // PACKED + OVERHEAD
