"""How often a source may be asked: the limits that are stacked on each call, and what the sources document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from stir.errors import StirError

Scope = Literal["global", "source", "project", "credential", "entity"]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `count` in any window of `seconds`, or in a day of America/Los_Angeles.

    Attributes:
        name: a word for messages.
        scope: what shares it: all calls, those of a source, of a project, of a credential, or about one entity.
        count: calls or units.
        seconds: length of the window; None is a Pacific day, which has 23 or 25 hours twice a year.
        burst: how many may follow one another at once; a tenth of `count` by default.
        of: what is counted: the units of a charge, or calls.
    """

    name: str
    scope: Scope
    count: int
    seconds: float | None = None
    burst: int = 0
    of: Literal["units", "calls"] = "units"

    def __post_init__(self) -> None:
        if self.count < 1 or not 0 <= self.burst <= self.count or (self.seconds is not None and self.seconds <= 0):
            raise StirError(f"the limit {self.name!r} is impossible: {self.count} in {self.seconds} s")

    def asked(self) -> dict[str, Any]:
        """As the function collector.take reads it."""
        burst = self.burst or max(1, self.count // 10)
        return {
            "name": self.name,
            "scope": self.scope,
            "count": self.count,
            "seconds": self.seconds,
            "burst": burst,
            "of": self.of,
        }


class LimitSettings(BaseSettings):
    """The limits over all sources; the sources' own are those that their documentation states."""

    model_config = SettingsConfigDict(env_prefix="STIR_COLLECT_", extra="ignore", frozen=True)

    calls_a_day: int = Field(1_000_000, ge=1, description="calls of all sources in a Pacific day")
    calls_a_minute: int = Field(60_000, ge=1, description="calls of all sources in a minute")
    calls_an_entity: int = Field(60, ge=1, description="calls about one entity in a minute; they never follow at once")

    def stacked(self) -> tuple[Limit, ...]:
        """The limits that lie on every call, whatever its source."""
        return (
            Limit(name="all calls of a day", scope="global", count=self.calls_a_day, of="calls"),
            Limit(name="all calls of a minute", scope="global", count=self.calls_a_minute, seconds=60, of="calls"),
            Limit(name="calls about one entity", scope="entity", count=self.calls_an_entity, seconds=60, burst=1),
        )


Buckets = Mapping[str, tuple[Limit, ...]]


def _daily(name: str, count: int) -> tuple[Limit, ...]:
    return (Limit(name=f"{name} of a day", scope="project", count=count),)


DOCUMENTED: Mapping[str, Buckets] = {
    # Since 1 June 2026 search has a bucket of its own, since 3 June videos:batchGetStats.
    "youtube": {
        "common": _daily("units", 10_000),
        "search": _daily("searches", 100),
        "stats": _daily("stats", 10_000),
        "analytics": _daily("reports", 10_000),
    },
    "youtube_rss": {"feed": (Limit(name="feeds a minute", scope="source", count=600, seconds=60),)},
    "instagram": {
        # Business discovery counts on the platform's limit: 200 an hour and connected user.
        "platform": (Limit(name="profiles an hour", scope="credential", count=200, seconds=3600),),
        "account": (Limit(name="calls of an account a day", scope="credential", count=4_800, seconds=86_400),),
    },
    "shopify": {"requests": (Limit(name="requests of a shop", scope="credential", count=120, seconds=60),)},
    "language_model": {"tokens": (Limit(name="tokens of a day", scope="source", count=2_000_000),)},
    "media": {"download": (Limit(name="downloads a minute", scope="source", count=1_200, seconds=60),)},
}
"""Source and bucket to the limits that the source's documentation states."""


def stack(limits: Iterable[Limit]) -> list[dict[str, Any]]:
    """The limits as the function collector.take reads them."""
    return [limit.asked() for limit in limits]
