"""Shares one question to the database among all who ask it at about the same time, and never an answer from before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Rounds(Generic[T]):
    """Asks a question at most once at a time per key.

    Whoever asks while a question is under way waits for the next one, which begins after their asking: so an answer is
    never older than the moment of asking, however many share it.
    """

    def __init__(self) -> None:
        self._next: dict[Hashable, asyncio.Task[T]] = {}
        self._locks: dict[Hashable, asyncio.Lock] = {}

    async def ask(self, key: Hashable, question: Callable[[], Awaitable[T]]) -> T:
        """The answer of a question that has not begun yet; an error goes to all who share it."""
        task = self._next.get(key)
        if task is None:
            task = self._next[key] = asyncio.create_task(self._round(key, question))
        return await asyncio.shield(task)  # whoever goes away does not take the answer from the others

    async def _round(self, key: Hashable, question: Callable[[], Awaitable[T]]) -> T:
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            del self._next[key]
            return await question()
