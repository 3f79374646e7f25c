"""Rate limits: a token bucket per client address, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

MOST_CLIENTS = 50_000
"""Buckets that are remembered; a client whose bucket is forgotten begins with a full one."""


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


@dataclass(frozen=True)
class Verdict:
    """Whether a request may be answered; `remaining` tokens, and seconds until the next one or until all are back."""

    allowed: bool
    limit: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """The fields of the IETF draft, and the older ones that people know."""
        found = {
            "RateLimit-Policy": f'"default";q={self.limit};w=60',
            "RateLimit": f'"default";r={self.remaining};t={self.seconds}',
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.seconds),
        }
        return found if self.allowed else {**found, "Retry-After": str(max(1, self.seconds))}


class Limits:
    """`per_minute` requests a client, all of them at once at most. The buckets are of this process alone."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self._clock = per_minute, clock
        self._buckets: LRUCache[str, _Bucket] = LRUCache(MOST_CLIENTS)

    def take(self, client: str) -> Verdict:
        """Take one token of a client's bucket."""
        bucket = self._filled(client)
        allowed = bucket.tokens >= 1
        if allowed:
            bucket.tokens -= 1
        missing = (self.per_minute if allowed else 1) - bucket.tokens
        seconds = int(max(0.0, missing) / self.per_minute * 60) + 1
        return Verdict(allowed, self.per_minute, int(bucket.tokens), seconds)

    def give_back(self, client: str) -> None:
        """Return the token of a request that cost nothing, such as one answered by 304."""
        bucket = self._filled(client)
        bucket.tokens = min(float(self.per_minute), bucket.tokens + 1)

    def _filled(self, client: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._buckets[client] = _Bucket(float(self.per_minute), now)
        bucket.tokens = min(float(self.per_minute), bucket.tokens + (now - bucket.filled_at) * self.per_minute / 60)
        bucket.filled_at = now
        return bucket
