"""ClickHouse away while records come in, and a storm of equal bad records: what was confirmed, and where it is."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256

import click
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from bench.ingest import STREAM, body, empty, lines, rows
from stir import connections
from stir.ingest import quarantine
from stir.ingest.broker import Broker, connect
from stir.ingest.messages import NDJSON
from stir.local import Supervisor, ensure_services, stop_services
from stir.local.machine.ports import find_free
from stir.settings import Settings, load_settings

SERVERS = ("clickhouse", "postgres", "s3", "broker")
A_MESSAGE = 100
"""Records of one message."""
EQUAL = 5_000
"""Equal bad records of one message."""
DRAIN_SECONDS = 900
PRESENT_SECONDS = 10
"""How long records come in with ClickHouse there, before and after it is away."""


class SinkProgram:
    """`stir sink` for one stream, with the memory that it takes."""

    def __init__(self) -> None:
        command = [
            sys.executable,
            "-P",
            "-m",
            "stir",
            "sink",
            "--streams",
            STREAM.name,
            "--port",
            str(find_free(set())),
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout  # noqa: S101  (PIPE was asked for)
        self._process.stdout.readline()
        self._known = psutil.Process(self._process.pid)

    def memory(self) -> int:
        """Bytes that the sink holds now."""
        return int(self._known.memory_info().rss)

    def end(self) -> None:
        """Have it write what it holds and leave."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)


async def publish(broker: Broker, content: bytes) -> None:
    await broker.publish(STREAM.name, content, message_id=sha256(content).hexdigest(), headers={"content-type": NDJSON})


async def drained(broker: Broker, sink: SinkProgram, most: list[int]) -> float:
    """Seconds until nothing waits; the sink's memory is noted in `most`.

    Raises:
        TimeoutError: something still waits after fifteen minutes.
    """
    began = time.monotonic()
    async with asyncio.timeout(DRAIN_SECONDS):
        while (await broker.backlog(STREAM.name)).messages:
            most.append(sink.memory())
            await asyncio.sleep(0.5)
    return time.monotonic() - began


async def without_clickhouse(settings: Settings, minutes: float, rate: int) -> dict[str, str]:
    """Send at a rate while ClickHouse is away, and until it is back and nothing waits; the report."""
    broker, sink = await connect(settings), SinkProgram()
    before: list[int] = []
    away: list[int] = []
    after: list[int] = []
    backlogs = [0]
    sent, began = 0, time.monotonic()
    away_from, away_until = PRESENT_SECONDS, PRESENT_SECONDS + 60 * minutes
    starting: asyncio.Task[Settings] | None = None
    stopped = False
    while (now := time.monotonic() - began) < away_until + PRESENT_SECONDS:
        if not stopped and now >= away_from:
            if running := Supervisor(settings).service("clickhouse").process():
                running.kill()
            stopped = True
        if stopped and starting is None and now >= away_until:
            starting = asyncio.create_task(asyncio.to_thread(ensure_services, settings, ["clickhouse"]))
        await publish(broker, lines(sent, A_MESSAGE))
        sent += A_MESSAGE
        if sent % rate < A_MESSAGE:
            (before if not stopped else away if starting is None else after).append(sink.memory())
            backlogs.append((await broker.backlog(STREAM.name)).messages)
        await asyncio.sleep(max(0.0, began + sent / rate - time.monotonic()))
    took = time.monotonic() - began
    if starting:
        await starting
    seconds = await drained(broker, sink, after)
    sink.end()
    await broker.close()
    with connections.clickhouse(settings) as client:
        query = f"select uniqExact(event_id), countIf(not match(event_id, '^bench-[0-9]+$')) from {STREAM.table}"
        there, extra = client.query(query).result_rows[0]
    return {
        "records confirmed": f"{sent:,}",
        "of them a second": f"{sent / took:,.0f}",
        "in the table": f"{there:,}",
        "in quarantine": f"{refused(settings)[1]:,}",
        "waiting": "0",
        "missing": f"{sent - there:,}",
        "extra ids": f"{extra:,}",
        "rows that came again": f"{rows(settings) - there:,}",
        "most messages that waited": f"{max(backlogs):,}",
        "seconds until nothing waited": f"{seconds:.0f}",
        "memory of the sink, MB: before": f"{max(before) / 1e6:,.0f}",
        "while ClickHouse was away": f"{max(away) / 1e6:,.0f}",
        "while the backlog drained": f"{max(after) / 1e6:,.0f}",
    }


async def storm(settings: Settings, records: int) -> dict[str, str]:
    """Send equal bad records; the report."""
    broker, sink = await connect(settings), SinkProgram()
    bad = json.dumps(json.loads(body(0)) | {"event_id": "storm", "platform": "MYSPACE"}).encode()
    most, began = [sink.memory()], time.monotonic()
    for number in range(records // EQUAL):
        # An empty line makes each message another one for the broker, which drops a publisher's repetition.
        await publish(broker, b"\n" * (number + 1) + b"\n".join([bad] * EQUAL))
        most.append(sink.memory())
    await drained(broker, sink, most)
    took = time.monotonic() - began
    sink.end()
    await broker.close()
    items, times = refused(settings)
    return {
        "equal bad records confirmed": f"{records // EQUAL * EQUAL:,}",
        "rows of the quarantine": f"{items:,}",
        "records that they count": f"{times:,}",
        "missing": f"{records // EQUAL * EQUAL - times:,}",
        "seconds until nothing waited": f"{took:.0f}",
        "memory of the sink, MB": f"{max(most) / 1e6:,.0f}",
    }


def refused(settings: Settings) -> tuple[int, int]:
    """Rows of the quarantine, and the records that they count."""
    with quarantine.connect(settings) as connection:
        found = connection.execute("select count(*), coalesce(sum(times), 0)::bigint from ingest.quarantine").fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def clear(settings: Settings) -> None:
    """An empty table and an empty quarantine."""
    empty(settings)
    with quarantine.connect(settings) as connection:
        connection.execute("truncate ingest.quarantine")


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long ClickHouse is away.")
@click.option("--rate", default=1_000, show_default=True, help="Records a second that come in meanwhile.")
@click.option("--equal", default=1_000_000, show_default=True, help="Equal bad records of the storm.")
def bench(minutes: float, rate: int, equal: int) -> None:
    """Print where every confirmed record is; leave with 1 if one is missing or an id is there that nobody sent."""
    settings = ensure_services(load_settings(), SERVERS)
    os.environ.update(STIR_STATE_DIR=str(settings.state_dir))
    try:
        clear(settings)
        reports = {f"ClickHouse away for {minutes:g} minutes": asyncio.run(without_clickhouse(settings, minutes, rate))}
        clear(settings)
        reports["a storm of equal bad records"] = asyncio.run(storm(settings, equal))
    finally:
        stop_services(settings)
    for title, report in reports.items():
        table = Table(title, "", box=box.SIMPLE_HEAD)
        for what, figure in report.items():
            table.add_row(what, figure)
        Console(width=80).print(table)
    lost = any(report["missing"] != "0" or report.get("extra ids", "0") != "0" for report in reports.values())
    if lost:
        raise SystemExit("a confirmed record is missing, or an id is there that nobody sent")


if __name__ == "__main__":
    bench()
