"""Budgets on a real PostgreSQL whose clock passes only while somebody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from stir.collector import credentials
from stir.collector.limit_rules import Limit
from stir.collector.limits import SharedBudget, Source
from stir.collector.protocol import Charge, Credential, Later
from stir.collector.session import Session
from stir.settings import Settings

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
T = TypeVar("T")


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


SOURCES = {
    "youtube": Source(
        {
            "common": (Limit(name="units", scope="project", count=100),),
            "search": (Limit(name="searches", scope="project", count=10),),
        }
    ),
    "shop": Source({"requests": (Limit(name="rate", scope="credential", count=10, seconds=10, burst=2),)}),
    "feed": Source({"feed": (Limit(name="feeds", scope="source", count=20, seconds=10, burst=4),)}, False),
}
NO_LIMITS: tuple[Limit, ...] = ()


def budget_with(
    settings: Settings, clock: Clock, act: Callable[[SharedBudget], Coroutine[Any, Any, T]], **options: Any
) -> T:
    """What `act` returns of a budget with a session of its own."""

    async def run() -> T:
        session = Session(settings, "test")
        try:
            fields = {"sources": SOURCES, "overall": NO_LIMITS, **options}
            safe = credentials.vault(settings)
            return await act(SharedBudget(session, safe, now=clock.now, sleep=clock.sleep, **fields))
        finally:
            await session.close()

    return asyncio.run(run())


async def until_refused(budget: SharedBudget, charge: Charge, priority: int = 5) -> tuple[list[Credential], Later]:
    """Every credential that was granted, and the refusal at the end."""
    granted = []
    while True:
        try:
            granted.append(await budget.take(charge, priority))
        except Later as later:
            return granted, later
