"""Ctrl-C and SIGTERM while an event loop works."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def stops_by_signal(stop: Callable[[], object]) -> Iterator[None]:
    """Call `stop` on Ctrl-C and SIGTERM, within a running event loop; afterwards both do what they did before.

    The loop by itself would leave SIGTERM as a new process has it: it would end this one at once, and the programs that
    it has started would go on.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks that do not end by themselves, and wait for them: a web server gives signals back only at its end.

    Raises:
        Exception: what a task had failed with.
    """
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
