"""Servers of a bench, and the load of `wrk` on them."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from stir.addresses import LOOPBACK
from stir.cli.programs import Program
from stir.errors import StirError
from stir.settings import PROJECT_DIR

WRK = Program("loading a web server", "wrk", ("wrk",))
THINKING_MS = 100
PACED = f"function delay() return math.random({THINKING_MS // 2}, {THINKING_MS * 3 // 2}) end"
"""A script of wrk: each client waits about so long before it asks again, so that they do not ask in step."""


@dataclass(frozen=True)
class Load:
    """What a load of some seconds gave: answers a second, the slowest hundredth in milliseconds, and failures."""

    per_second: float
    p99: float
    failed: int


def load(url: str, clients: int, seconds: int, *headers: str, script: Path | None = None) -> Load:
    """Ask one URL by `clients` connections for some seconds, each as soon as it has its answer or as `script` says.

    One question comes before: all clients at once would wait for the first answer, and 1 % of a load is less than that.
    """
    httpx.get(url, timeout=60)
    program = WRK.path() or "wrk"
    given = [part for header in headers for part in ("-H", header)] + (["-s", str(script)] if script else [])
    command = [program, "-t2", f"-c{clients}", f"-d{seconds}s", "--latency", *given, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    if not rate or not slow:
        raise StirError(f"wrk gave no figures for {url}")
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    factor = {"us": 0.001, "ms": 1.0, "s": 1000.0}[slow[2]]
    return Load(float(rate[1]), float(slow[1]) * factor, int(failed[1]) if failed else 0)


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: Sequence[str], url: str, **variables: str) -> Iterator[None]:
    """A server that answers `url`, stopped at the end."""
    with subprocess.Popen(
        command, env=variables or None, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=PROJECT_DIR
    ) as process:
        try:
            for _ in range(600):
                try:
                    httpx.get(url, timeout=20).raise_for_status()
                    break
                except httpx.HTTPError:
                    if process.poll() is not None:
                        raise StirError(f"{command[0]} ended before it answered") from None
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()
