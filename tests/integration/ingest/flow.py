"""Events for the tests, a sink that runs until something holds, and what has arrived."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from stir import connections
from stir.ingest import broker, quarantine
from stir.ingest.broker import Broker
from stir.ingest.messages import NDJSON
from stir.ingest.sink import Sink
from stir.ingest.streams import stream
from stir.local.machine.ports import find_free
from stir.settings import PROJECT_DIR, Settings

STREAM = "profile_log"
TABLE = "events.profile_log_events"
BEGIN = datetime(2026, 5, 20, tzinfo=UTC)
Condition = Callable[[], bool]


def event(number: int | str, **changes: Any) -> dict[str, Any]:
    """A reading of a profile that keeps its contract. Numbers lie two minutes apart."""
    moment = BEGIN + timedelta(minutes=2 * number) if isinstance(number, int) else BEGIN
    return {
        "event_id": f"e-{number}",
        "source": "ytapi",
        "platform": "YOUTUBE",
        "profile_id": "UC_x5XG1OV2P6uZZ5FSM9Ttw",
        "event_timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "metrics": json.dumps({"followers": 1000 + len(str(number))}),
        "dimensions": "{}",
        **changes,
    }


def line(record: dict[str, Any]) -> bytes:
    return json.dumps(record).encode()


def with_broker(settings: Settings, use: Callable[[Broker], Awaitable[Any]]) -> Any:
    """The result of `use` with a connection of its own."""

    async def run() -> Any:
        connection = await broker.connect(settings, redeliver_after=3)
        try:
            return await use(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def publish(settings: Settings, bodies: Iterable[bytes], *, content_type: str = "", name: str = STREAM) -> None:
    """Send bodies, each as a message, and have all of them confirmed."""
    headers = {"content-type": content_type} if content_type else {}

    async def use(connection: Broker) -> None:
        for body in bodies:
            await connection.publish(name, body, headers=headers)

    with_broker(settings, use)


def publish_events(settings: Settings, numbers: Iterable[int], each: int = 100) -> None:
    """Send events in messages of `each`."""
    waiting = list(numbers)
    groups = [waiting[at : at + each] for at in range(0, len(waiting), each)]
    publish(settings, (b"\n".join(line(event(n)) for n in group) for group in groups), content_type=NDJSON)


def run_sink(
    settings: Settings,
    until: Condition,
    *,
    kind: type[Sink] = Sink,
    sinks: int = 1,
    seconds: float = 240,
    meanwhile: Callable[[], None] | None = None,
) -> list[Sink]:
    """Run sinks in this process until something holds and nothing waits any more; fails after `seconds`."""
    made: list[Sink] = []

    async def run() -> None:
        connected = [await broker.connect(settings, redeliver_after=3) for _ in range(sinks)]
        made.extend(
            kind(settings, each, [stream(STREAM)], batch_seconds=0.3, first_pause=0.1, keep_seconds=0.5)
            for each in connected
        )
        tasks = [asyncio.create_task(sink.run()) for sink in made]
        if meanwhile:
            await asyncio.to_thread(meanwhile)
        deadline = time.monotonic() + seconds
        try:
            while not await asyncio.to_thread(until):
                if time.monotonic() > deadline:
                    left = await asyncio.to_thread(waiting, settings)
                    raise AssertionError(f"the sink did not get there in time: {left} messages wait")
                for task in tasks:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.1)
        finally:
            for sink in made:
                sink.stop()
            await asyncio.gather(*tasks)
            for each in connected:
                await each.close()

    asyncio.run(run())
    return made


def landed(settings: Settings) -> Counter[str]:
    """How many rows each event has in the source table."""
    client = connections.clickhouse(settings)
    return Counter(event_id for (event_id,) in client.query(f"select event_id from {TABLE}").result_rows)


def set_aside(settings: Settings) -> dict[str, int]:
    """How often each reason stands in the quarantine, repeats counted."""
    with quarantine.connect(settings) as connection:
        found = connection.execute("select reason, sum(times)::bigint from ingest.quarantine group by reason")
        return {str(reason): int(times) for reason, times in found}


def waiting(settings: Settings) -> int:
    """Messages that nobody has acknowledged."""
    found: int = with_broker(settings, lambda connection: _backlog(connection))
    return found


async def _backlog(connection: Broker) -> int:
    return (await connection.backlog(STREAM)).messages


def nothing_waits(settings: Settings) -> Condition:
    """A condition: every message is acknowledged."""
    return lambda: waiting(settings) == 0


class Program:
    """A `stir` command of its own, in the tests' state folder."""

    def __init__(self, settings: Settings, *arguments: str, **variables: str) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith("STIR_")}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "stir", *arguments],
            env={
                **own,
                "PYTHONPATH": str(PROJECT_DIR / "plugins"),
                "STIR_STATE_DIR": str(settings.state_dir),
                "STIR_CACHE_DIR": str(settings.cache_dir),
                "STIR_ENV_FILE": os.devnull,
                **variables,
            },
            cwd=PROJECT_DIR,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.said = b""

    def ready(self) -> str:
        """Wait for the line with which a server says that it serves."""
        assert self._child.stdout
        said = self._child.stdout.readline()
        while said and b"Ctrl-C" not in said:
            self.said += said
            said = self._child.stdout.readline()
        assert said, self.said.decode()
        return said.decode()

    def signal(self, number: int) -> None:
        self._child.send_signal(number)

    def end(self, seconds: float = 180) -> int:
        """Wait for its end; the exit code."""
        rest, _ = self._child.communicate(timeout=seconds)
        self.said += rest or b""
        return self._child.returncode

    def close(self) -> None:
        """End it if it still runs."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.communicate()


def sink_program(settings: Settings, **variables: str) -> Program:
    """`stir sink` for one stream, ready."""
    program = Program(settings, "sink", "--streams", STREAM, "--port", str(find_free(set())), **variables)
    program.ready()
    return program
