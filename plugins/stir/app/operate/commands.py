"""Runs a short `./stir` command for a page and returns what it says. Long ones are jobs."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from stir.app.api.problems import Problem
from stir.app.operate.jobs import start
from stir.settings import Settings

AT_ONCE = 4
SECONDS = 30.0


class Commands:
    """Commands that answer within seconds. What they are given on standard input stands in no list of processes.

    The application holds no key of theirs: the quarantine is decrypted in the command.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def ask(self, *command: str, given: bytes = b"") -> Any:
        """What a command prints as JSON.

        Raises:
            Problem: 409, the command refuses, with its own words; 503, it takes longer than 30 s.
        """
        async with self._slots:
            process = await start(self._settings, command, asyncio.subprocess.PIPE)
            try:
                output, said = await asyncio.wait_for(process.communicate(given), SECONDS)
            except BaseException as error:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
                if isinstance(error, TimeoutError):
                    words = f"`./stir {command[0]}` takes longer than {SECONDS:.0f} s"
                    raise Problem(503, words, kind="busy", headers={"Retry-After": "5"}) from None
                raise
        if process.returncode:
            raise Problem(409, refusal(said), kind="refused")
        return json.loads(output)


def refusal(said: bytes) -> str:
    """The line of a command's standard error that says why it refused."""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    why = next(
        (line for line in reversed(lines) if line.startswith("stir: ")), lines[-1] if lines else "no reason given"
    )
    return why.removeprefix("stir: ")
