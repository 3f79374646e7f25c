"""Limits under a clock that runs thousands of times as fast, the same in every process, and a note of each grant."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stir.collector.limit_rules import Limit
from stir.collector.limits import Source
from stir.collector.process import Tools
from stir.collector.protocol import Budget, Charge, Complete, Credential, Outcome, Sink, Task
from stir.settings import Settings

from .local_source import FLOWS, LocalFlow, local_tools

VARIABLE = "STIR_TEST_FAST_CLOCK"
"""The clock's fields as JSON."""
COUNT, SEARCHES, MINUTE, ALL = 100, 12, 30, 45
SOURCES = {
    "local": Source(
        {
            "common": (
                Limit(name="units of a day", scope="project", count=COUNT),
                Limit(name="calls of a key", scope="credential", count=MINUTE, seconds=60, burst=10),
            ),
            "search": (Limit(name="searches of a day", scope="project", count=SEARCHES),),
        }
    )
}
OVERALL = (Limit(name="all calls", scope="global", count=ALL, seconds=60, burst=15, of="calls"),)


@dataclass(frozen=True)
class FastClock:
    """A clock that stands at `moment` until it is started, and passes then `speed` times as fast as the machine's.

    `folder` holds when it was started, for all processes, and what they note.
    """

    moment: str
    speed: float
    folder: str

    def start(self) -> None:
        """Let time pass."""
        new = Path(self.folder, "started.new")
        new.write_text(repr(time.time()), encoding="ascii")
        new.rename(Path(self.folder, "started"))

    def now(self) -> datetime:
        """Its time."""
        started = Path(self.folder, "started")
        passed = (time.time() - float(started.read_text(encoding="ascii"))) * self.speed if started.exists() else 0.0
        return datetime.fromisoformat(self.moment) + timedelta(seconds=passed)

    async def sleep(self, seconds: float) -> None:
        """Wait so long by this clock."""
        await asyncio.sleep(seconds / self.speed)


@dataclass(frozen=True)
class ChargedFlow:
    """Charges one to three units, or a search, and asks the server."""

    asking: LocalFlow

    @property
    def name(self) -> str:
        return self.asking.name

    @property
    def merge(self) -> int:
        return 1

    async def run(self, tasks: Sequence[Task], budget: Budget, sink: Sink) -> Mapping[int, Outcome]:
        (task,) = tasks
        number = task.request_id
        bucket, units = ("search", 1) if number % 5 == 0 else ("common", 1 + number % 3)
        await budget.take(Charge(source="local", bucket=bucket, units=units), task.priority)
        await self.asking.client.get("/", params={"ids": task.entities[0]}, timeout=30)
        return {number: Complete(1, "local")}


def fast_tools(settings: Settings) -> Tools:
    """The local flows under the fast clock; each grant is a line in a file of the process."""
    clock = FastClock(**json.loads(os.environ[VARIABLE]))
    notes = Path(clock.folder, f"{os.getpid()}.jsonl").open("a", buffering=1, encoding="ascii")  # noqa: SIM115 - until killed

    def note(charge: Charge, credential: Credential, moment: datetime) -> None:
        fields = [moment.astimezone(UTC).isoformat(), charge.bucket, charge.units, credential.id, credential.project]
        notes.write(json.dumps(fields) + "\n")

    plain = local_tools(settings)
    flows = {name: ChargedFlow(flow) for name, flow in plain.flows.items() if isinstance(flow, LocalFlow)}
    assert flows.keys() == FLOWS.keys()
    return dataclasses.replace(
        plain, flows=flows, sources=SOURCES, overall=OVERALL, now=clock.now, sleep=clock.sleep, granted=note
    )
