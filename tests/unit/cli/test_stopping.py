"""Ctrl-C and SIGTERM while an event loop works, and after it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from stir.addresses import LOOPBACK
from stir.cli.stopping import end, stops_by_signal
from stir.ingest.health import server
from stir.local.machine.ports import find_free


async def answer_nothing(scope: object, receive: object, send: object) -> None:
    pass


class Notified(Exception):
    """Raised by the handler that the command has of its own."""


@pytest.fixture(params=[signal.SIGTERM, signal.SIGINT])
def number(request: pytest.FixtureRequest) -> Iterator[int]:
    def notify(signum: int, frame: object) -> None:
        raise Notified

    before = signal.signal(request.param, notify)
    yield request.param
    signal.signal(request.param, before)


@pytest.mark.parametrize("with_pages", [False, True])
def test_a_signal_stops_the_work_and_afterwards_does_what_it_did_before(number: int, with_pages: bool) -> None:
    async def work() -> None:
        stopped = asyncio.Event()
        with stops_by_signal(stopped.set):
            pages = server(answer_nothing, LOOPBACK, find_free(set()))
            others = [asyncio.create_task(pages.serve())] if with_pages else []
            while with_pages and not pages.started:
                await asyncio.sleep(0.01)
            os.kill(os.getpid(), number)
            await stopped.wait()
            await end(others)

    asyncio.run(work())

    with pytest.raises(Notified):
        os.kill(os.getpid(), number)


def test_what_a_task_has_failed_with_is_raised() -> None:
    async def fail() -> None:
        raise OSError("the disk is full")

    async def work() -> None:
        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        await end([task, asyncio.create_task(asyncio.sleep(60))])

    with pytest.raises(OSError, match="the disk is full"):
        asyncio.run(work())
