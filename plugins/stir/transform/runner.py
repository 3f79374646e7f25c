"""Runs one dbt command as a process and follows it node by node.

dbt runs in a process of its own because it keeps global state and cannot be stopped cleanly from inside. Its JSON log
is the interface: every finished node is one event with its place in the run.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from stir.errors import StirError
from stir.settings import PROJECT_DIR, Settings
from stir.transform import dbt_process
from stir.transform.environment import dbt_environment

FAILED = {"error", "fail", "runtime error"}
STOP_SECONDS = 20


@dataclass(frozen=True)
class NodeResult:
    """One finished model, seed or test.

    Attributes:
        name: the node's name. kind: `model`, `test`, `unit_test`, `seed`. status: dbt's word for how it ended.
        index: its place in the run, of `total`. seconds: execution time. message: dbt's line about it.
    """

    name: str
    kind: str
    status: str
    index: int
    total: int
    seconds: float
    message: str

    @property
    def failed(self) -> bool:
        return self.status in FAILED


@dataclass
class DbtRun:
    """The result of a dbt command: its nodes in the order of finishing, and the total seconds."""

    arguments: tuple[str, ...]
    nodes: list[NodeResult] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    return_code: int = 0

    def count(self, kind: str) -> int:
        return sum(node.kind == kind for node in self.nodes)

    def raise_for_failure(self) -> None:
        """Raises:
        StirError: dbt did not succeed; names the first failed node and how many there are.
        """
        if self.return_code == 0:
            return
        failed = [node for node in self.nodes if node.failed]
        command = f"dbt {' '.join(self.arguments[:1])}"
        if failed:
            others = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
            what = f"{failed[0].kind} {failed[0].name}{others} failed: {failed[0].message[:300]}"
        else:
            what = (self.errors or ["dbt gave no reason"])[0][:400]
        raise StirError(
            what, where=command, do="`./stir dbt retry` runs what failed again; target/ and logs/ hold dbt's own output"
        )


def dbt_executable() -> str:
    """The dbt of the virtual environment that runs this code."""
    return str(Path(sys.executable).with_name("dbt"))


def read_node(event: dict[str, Any]) -> NodeResult | None:
    """The node result in one JSON log event of dbt, or None where the event is about something else."""
    name = event.get("info", {}).get("name", "")
    data = event.get("data", {})
    info = data.get("node_info") or {}
    if not (name.startswith("Log") and name.endswith("Result")) or "index" not in data:
        return None
    return NodeResult(
        name=info.get("node_name", "?"),
        kind=info.get("resource_type", "?"),
        status=str(data.get("status") or info.get("node_status", "?")).split()[0].lower(),
        index=int(data["index"]),
        total=int(data.get("total") or data.get("num_models") or 0),
        seconds=float(data.get("execution_time") or 0.0),
        message=event["info"].get("msg", ""),
    )


def _events(stream: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in stream:
        try:
            event = json.loads(line)
        except ValueError:
            # Output of Python or of the dbt process is not JSON; it is the reason of a failure.
            event = {"info": {"level": "error", "msg": line.strip().removeprefix("stir: "), "name": ""}}
        if isinstance(event, dict):
            yield event


def run_dbt(
    settings: Settings,
    arguments: Sequence[str],
    *,
    on_node: Callable[[NodeResult], None] | None = None,
    extra_environment: dict[str, str] | None = None,
) -> DbtRun:
    """Run `dbt <arguments>` against this checkout's warehouse and return what it did; failures do not raise.

    An interrupt is passed to the dbt process, which cancels its queries, and is waited for.
    """
    run = DbtRun(tuple(arguments))
    command = dbt_process.command("--log-format", "json", "--no-use-colors", *arguments)
    variables = {**os.environ, **dbt_environment(settings), **(extra_environment or {})}
    process = subprocess.Popen(
        command,
        cwd=PROJECT_DIR,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None  # noqa: S101  (PIPE was asked for)
        for event in _events(process.stdout):
            node = read_node(event)
            if node:
                run.nodes.append(node)
                if on_node:
                    on_node(node)
            elif event.get("info", {}).get("level") == "error":
                run.errors.append(event["info"].get("msg", ""))
        run.return_code = process.wait()
    except BaseException:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        raise
    return run


def run_dbt_command(
    settings: Settings, *arguments: str, server: bool = True, variables: Mapping[str, str] | None = None
) -> str:
    """Run `dbt <arguments>` quietly to its end and return what it printed.

    `variables` are added to dbt's environment. Without `server` the command is one that connects to nothing.

    Raises:
        StirError: dbt failed; the line holds its reason.
    """
    ended = subprocess.run(
        dbt_process.command("--quiet", "--no-use-colors", *arguments),
        cwd=PROJECT_DIR,
        env={**os.environ, **dbt_environment(settings, server=server), **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        verb = " ".join(takewhile(lambda argument: not argument.startswith("-"), arguments))
        raise StirError(
            reason(ended.stdout + ended.stderr), where=f"dbt {verb}", do=f"`./stir dbt {verb}` shows the details"
        )
    return ended.stdout


def reason(output: str) -> str:
    """Why dbt failed, from what it printed: its first lines without clock and heading, or the error of a traceback."""
    lines = [re.sub(r"^\d\d:\d\d:\d\d +", "", line.strip()) for line in output.splitlines()]
    words = [line.removeprefix("stir: ") for line in lines if line and not line.endswith("Encountered an error:")]
    said = words[-1:] if any(line.startswith("Traceback") for line in words) else words[:3]
    return " ".join(said)[:600] or "dbt gave no reason"


def list_models(settings: Settings, select: Sequence[str], *, state: Path | None = None) -> list[str]:
    """Names of the models that the selectors match, from `dbt ls`. `state`: the folder with the manifest for `state:`.

    Raises:
        StirError: dbt failed (a broken project, an invalid selector).
    """
    output = ("--resource-types", "model", "--output", "name")
    before = ("--state", str(state.absolute())) if state else ()
    return run_dbt_command(settings, "ls", *output, *before, "--select", *select).split()
