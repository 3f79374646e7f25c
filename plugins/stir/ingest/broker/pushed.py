"""What RabbitMQ pushes for one stream: few messages until their size is known, and no more than memory has room for."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

MOST = 10_000
"""Messages that are pushed and not acknowledged, at most."""
FIRST = 10
"""As many until their size is known: each may have megabytes."""
AHEAD_BYTES = 64_000_000
"""What the pushed messages of a stream should have together; with twice as much they go back to the broker."""
_STEP, _LONGEST_STEP = 4, 40
_CAREFUL = 100
"""Messages whose sizes are looked at before the number grows again, after it had been too great."""


class Pushed:
    """A channel with consumers of one queue, and what they brought. A closed one is of no further use.

    The number of messages only grows, by another consumer beside the first ones: RabbitMQ does not change the limit of
    a consumer, and one that ends may leave messages on their way to nobody. Where messages become so large that too
    many of their bytes wait, the channel is closed: the broker delivers all of them again.

    Args:
        largest: a size that messages may have, 0 if nothing speaks for large ones; the closed object before this one
            says it as its `largest`.
    """

    def __init__(self, channel: AbstractChannel, queue: str, *, largest: int = 0) -> None:
        self.channel, self.largest = channel, largest
        self._queue = queue
        self._arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self._waiting = self._seen = self._bytes = self._allowed = 0
        self._closing: asyncio.Task[None] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether what it brought belongs to the broker again."""
        return self._closing is not None or bool(self.channel.is_closed)

    async def begin(self) -> None:
        """Have the first messages pushed."""
        await self._allow(max(1, min(FIRST, AHEAD_BYTES // self.largest if self.largest else FIRST)))

    async def take(self, limit: int, wait: float) -> list[AbstractIncomingMessage]:
        """Up to `limit` messages; an empty list if none came within `wait` seconds."""
        found = []
        with contextlib.suppress(asyncio.TimeoutError, TimeoutError):
            found.append(await asyncio.wait_for(self._arrived.get(), wait))
        while found and len(found) < limit and not self._arrived.empty():
            found.append(self._arrived.get_nowait())
        self._waiting -= sum(len(message.body) for message in found)
        return found

    async def grow(self) -> None:
        """Have more messages pushed if those that came were small."""
        if self._seen < max(self._allowed, _CAREFUL if self.largest else 0):
            return
        wanted = min(MOST, AHEAD_BYTES * self._seen // max(1, self._bytes))
        if wanted >= _STEP * self._allowed or wanted == MOST > self._allowed:
            await self._allow(min(wanted, _LONGEST_STEP * self._allowed))

    async def _allow(self, messages: int) -> None:
        more, self._allowed = messages - self._allowed, messages
        await self.channel.set_qos(more)  # of the consumers that begin after it
        queue = await self.channel.get_queue(self._queue, ensure=False)
        await queue.consume(self._arrive)

    async def _arrive(self, message: AbstractIncomingMessage) -> None:
        size = len(message.body)
        self._seen += 1
        self._bytes += size
        if self._closing is not None:
            return
        if self._waiting and self._waiting + size > 2 * AHEAD_BYTES:
            self.largest = max(size, AHEAD_BYTES // 2)
            self._arrived = asyncio.Queue()
            self._closing = asyncio.create_task(self.close())
            return
        self._waiting += size
        self._arrived.put_nowait(message)

    async def close(self) -> None:
        """Give everything back to the broker."""
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.channel.close(), 10)
