"""Finished answers, kept in memory as long as the generations that they are of are live."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
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
    """An answer's bytes, the key of the generations that it is of, and when the newest of them was published."""

    generations: str
    body: bytes
    published_at: datetime | None = None

    @cached_property
    def compressed(self) -> bytes:
        """The body for clients that take gzip, packed once."""
        return gzip.compress(self.body, 5, mtime=0)


class AnswerCache:
    """Answers by (route, parameters, representation); the least recently used go when `size` bytes are full.

    An answer is asked for with the generations that are live now, so that no answer of an earlier generation is given
    after a swap. Only one request at a time computes an answer; the others of the same key wait for it. An error is
    never kept.
    """

    def __init__(self, size: int) -> None:
        self._kept: LRUCache[Hashable, Kept] = LRUCache(size, getsizeof=_size)
        self._locks: dict[Hashable, asyncio.Lock] = {}

    def find(self, key: Hashable, generations: str) -> Kept | None:
        """The answer of these generations, if it is kept."""
        kept = self._kept.get(key)
        return kept if kept and kept.generations == generations else None

    async def get(self, key: Hashable, generations: str, compute: Callable[[], Awaitable[Kept]]) -> Kept:
        """The kept answer, else the one that `compute` gives, which is kept under the generations that it names."""
        if kept := self.find(key, generations):
            return kept
        if not self._kept.maxsize:
            return await compute()
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if kept := self.find(key, generations):
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
