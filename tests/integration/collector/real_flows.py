"""The real flows at work on the queue, with what they publish kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from tests.unit.collector.platform import Sink

from stir.collector.process import Orders, worker_of
from stir.collector.tools import real_tools
from stir.settings import Settings


def work(settings: Settings, **orders: Any) -> Sink:
    """One worker over the real flows until nothing is due, and what it published; `orders` are those of `Orders`."""
    sink = Sink()

    @asynccontextmanager
    async def open_sink() -> AsyncIterator[Sink]:
        yield sink

    async def run() -> None:
        tools = replace(real_tools(settings), open_sink=open_sink)
        async with worker_of(settings, tools, Orders(once=True, **orders)) as one:
            await one.run()

    asyncio.run(run())
    return sink
