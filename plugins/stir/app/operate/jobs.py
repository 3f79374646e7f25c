"""Runs jobs as `./stir` commands beside the application, follows what they say, and cancels them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from stir.app.operate.kinds import KINDS
from stir.app.operate.store import Store
from stir.settings import PROJECT_DIR, Settings

AT_ONCE = 2
"""Jobs that run at the same time; the others wait."""
SPEAK_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
"""How long a cancelled command may take to clean up before it is killed."""
MOST_LETTERS = 300
_TOKENS = ("app_readers", "app_operators")
_log = logging.getLogger("stir.app")


def environment_of(settings: Settings) -> dict[str, str]:
    """This process's environment with the application's own settings, for a command; the tokens are not in it."""
    own = {f"STIR_{name.upper()}": getattr(settings, name) for name in settings.model_fields_set - {*_TOKENS}}
    given = {
        name: str(value.get_secret_value() if isinstance(value, SecretStr) else value)
        for name, value in own.items()
        if value is not None
    }
    tokens = {f"STIR_{name.upper()}" for name in _TOKENS}
    return {name: value for name, value in {**os.environ, **given}.items() if name not in tokens}


async def start(settings: Settings, command: Sequence[str], given: int) -> asyncio.subprocess.Process:
    """A `./stir` command as a process of its own session, with pipes for what it prints and `given` as its input."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "stir",
        *command,
        cwd=PROJECT_DIR,
        env=environment_of(settings),
        stdin=given,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


class Supervisor:
    """Starts jobs and follows them to their end. When the application stops, it ends those that run."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    def start(self, job_id: str, kind: str, subject: str, arguments: Mapping[str, Any]) -> None:
        """Run a job that is noted; returns at once."""
        task = asyncio.create_task(self._run(job_id, KINDS[kind].command(subject, arguments)))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def stop(self) -> None:
        """Interrupt all jobs and wait until they have cleaned up."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, job_id: str, command: list[str]) -> None:
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._slots.acquire(), SPEAK_SECONDS * 10)
                    break
                await self._store.speak(job_id, [])
            try:
                if await self._store.begin(job_id):
                    await self._follow(job_id, command)
                else:
                    await self._store.end(job_id, "CANCELLED", None, None, ["cancelled before it began"])
            finally:
                self._slots.release()
        except asyncio.CancelledError:
            await self._store.end(job_id, "FAILED", None, None, ["the application was stopped"])
            raise
        except Exception as error:
            _log.exception("job %s could not be followed", job_id)
            with contextlib.suppress(Exception):
                await self._store.end(job_id, "FAILED", None, None, [f"could not be run: {type(error).__name__}"])

    async def _follow(self, job_id: str, command: list[str]) -> None:
        process = await start(self._settings, command, asyncio.subprocess.DEVNULL)
        said: list[str] = []
        outputs = asyncio.gather(_lines(process.stderr, said), _all(process.stdout))
        cancelled = False
        try:
            while not outputs.done():
                await asyncio.wait([outputs], timeout=SPEAK_SECONDS)
                fresh, said[:] = said[:], []
                if await self._store.speak(job_id, fresh) and not cancelled:
                    cancelled = True
                    asyncio.get_running_loop().create_task(_interrupt(process))
        except BaseException:
            await asyncio.shield(_interrupt(process))
            raise
        _, output = await outputs
        code = await process.wait()
        # A command that had finished before the signal reached it has done what was asked.
        status = "DONE" if code == 0 else "CANCELLED" if cancelled else "FAILED"
        await self._store.end(job_id, status, code, _result(output), said)


async def _lines(stream: asyncio.StreamReader | None, said: list[str]) -> None:
    while stream and (line := await stream.readline()):
        if words := line.decode(errors="replace").replace("\0", "").strip():
            said.append(words[:MOST_LETTERS])


async def _all(stream: asyncio.StreamReader | None) -> bytes:
    return await stream.read() if stream else b""


def _result(output: bytes) -> Any:
    try:
        return json.loads(output)
    except ValueError:
        return None


async def _interrupt(process: asyncio.subprocess.Process) -> None:
    """End a command as Ctrl-C does; kill it and its children where it does not end."""
    for number, patience in ((signal.SIGINT, PATIENCE_SECONDS), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), patience)
            return
