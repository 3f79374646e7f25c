"""An event loop whose clock jumps to the next timer: a day of waiting passes as fast as the work in it is done."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: it moves the loop's clock by the time that it was to wait."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """What is ready at once."""
        if timeout is None:
            raise RuntimeError("nothing can happen any more: no timer is set")
        self.passed += max(timeout, 0.0)
        return list(super().select(0))


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.passed


def run_at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end. It may wait by asyncio's clock only, not for threads and sockets."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)
