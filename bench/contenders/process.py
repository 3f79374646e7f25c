"""One contender in a process of its own: started, waited for until it is ready, then timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.contenders.meter import Figures, Memory
from stir.errors import StirError


def run_apart(
    script: Path, contender: str, arguments: Sequence[str], variables: Mapping[str, str]
) -> tuple[Figures, dict[str, Any]]:
    """Run a contender once by a script that says `ready`, waits for a line and answers in JSON.

    Raises:
        StirError: it failed.
    """
    pipe = subprocess.PIPE
    command = [sys.executable, "-P", str(script), contender, *arguments]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={**os.environ, **variables}) as process:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        if process.stdout.readline().strip() != "ready":
            raise StirError(f"{contender} did not get ready")
        with Memory(process) as memory:
            started = time.perf_counter()
            process.stdin.write("go\n")
            process.stdin.flush()
            line = process.stdout.readline()
            seconds = time.perf_counter() - started
    answer: dict[str, Any] = json.loads(line) if line else {"error": "it ended without an answer"}
    if answer["error"]:
        raise StirError(f"{contender}: {answer['error']}")
    return Figures(seconds, answer["processor"], max(memory.peak, answer["peak"])), answer
