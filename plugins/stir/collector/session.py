"""A PostgreSQL connection that coroutines share: one thread of its own works through what they ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

from stir import connections
from stir.database import BEAT, COLLECTOR, apply
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Session:
    """A connection to beat's database that comes back by itself. Each call is a transaction of its own statements."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings, self._name = settings, name
        self._connection: psycopg.Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, act: Callable[[psycopg.Connection], T]) -> T:
        """What `act` returns of the connection.

        Raises:
            psycopg.OperationalError: PostgreSQL is away; the next call connects again.
            StirError: the tables are missing and the role may not create them.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, act)

    def _run(self, act: Callable[[psycopg.Connection], T]) -> T:
        import psycopg

        if self._connection is None or self._connection.closed:
            self._connection = connections.beat(
                self._settings, autocommit=True, application_name=f"stir collect {self._name}"
            )
            apply(self._connection, BEAT)
            apply(self._connection, COLLECTOR)
        try:
            return act(self._connection)
        except psycopg.OperationalError:
            self._connection.close()
            raise

    async def close(self) -> None:
        """End the connection once the thread has done what it began."""

        def end() -> None:
            if self._connection is not None:
                self._connection.close()

        await asyncio.get_running_loop().run_in_executor(self._thread, end)
        self._thread.shutdown(wait=False)


class Gathering(Generic[Item, Answer]):
    """Brings together what coroutines ask for within the same moment, so that one statement answers all of them."""

    def __init__(self, answer: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]], most: int) -> None:
        self._answer, self._most = answer, most
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, item: Item) -> Answer:
        """The answer to one item; an error of the statement is the error of each item in it."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._running is None:
            self._running = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                try:
                    answers = await self._answer([item for item, _ in taken])
                except Exception as error:
                    for _, future in taken:
                        if not future.done():
                            future.set_exception(error)
                    continue
                for (_, future), answer in zip(taken, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
        finally:
            self._running = None
