"""Collector: requests a second against 50 ms answers, quota units of a day's tracking, a day of 100,000 simulated."""

from __future__ import annotations

import asyncio
import math
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import httpx
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from bench.contenders.quota_units import units_by_uploads
from bench.contenders.tracked_day import Shape, play
from stir import connections
from stir.collector.http import Http, Request
from stir.collector.limit_rules import Limit
from stir.collector.limits import Source
from stir.collector.process import Orders, Tools
from stir.collector.protocol import Budget, Charge, Complete, Outcome, Sink, Task
from stir.collector.service import Service
from stir.database import BEAT, COLLECTOR, apply
from stir.local import ensure_services, stop_services
from stir.scrape_queue import queue
from stir.settings import Settings, load_settings

PARTS = ("speed", "units", "day")
RATE, COMMON, STATS = 300, 1_020, 1_000
ANSWER_SECONDS = 0.05
URL = "STIR_BENCH_SOURCE_URL"
FLOW = "refresh_yt_post_type"
SERVER = """
import asyncio, sys
async def serve(reader, writer):
    try:
        while await reader.readuntil(b"\\r\\n\\r\\n"):
            await asyncio.sleep(float(sys.argv[1]))
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@dataclass(frozen=True)
class OneCall:
    """Asks the server once for each request, through the collector's own HTTP."""

    http: Http
    url: str
    name: str = FLOW
    merge: int = 1

    async def run(self, tasks: Sequence[Task], budget: Budget, sink: Sink) -> Mapping[int, Outcome]:
        """Charge, ask, close."""
        await budget.take(Charge(source="bench", bucket="calls", entity=tasks[0].entities[0]), tasks[0].priority)
        answer = await self.http.send(Request(url=self.url))
        if answer.status != 200:
            raise RuntimeError(f"the server answers {answer.status}")
        return {task.request_id: Complete(1, "bench") for task in tasks}


class NoSink:
    """The bench measures the way from the queue and back; that of the records is `bench ingest`."""

    async def publish(self, stream: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep nothing."""


@asynccontextmanager
async def no_sink() -> AsyncIterator[Sink]:
    yield NoSink()


def bench_tools(settings: Settings) -> Tools:
    """Four limits on every call, none of which binds."""
    limit = Limit(name="calls", scope="source", count=1_000_000, seconds=60, burst=500_000)
    return Tools(
        {FLOW: OneCall(Http(), os.environ[URL])},
        no_sink,
        {"bench": Source({"calls": (limit,)}, needs_credential=False)},
    )


def fill(settings: Settings, count: int) -> None:
    """So many requests, and nothing else in the queue."""
    moment = datetime.now(UTC)
    with connections.beat(settings, autocommit=True) as connection:
        apply(connection, BEAT)
        apply(connection, COLLECTOR)
        connection.execute("truncate scrape_request_log, collector.rate, collector.quota")
        requests = [
            queue.Request(
                key=f"bench-{number}",
                platform="YOUTUBE",
                flow=FLOW,
                params={"post_id": f"v{number}"},
                priority=5,
                expires_at=moment + timedelta(hours=1),
            )
            for number in range(count)
        ]
        queue.enqueue(connection, requests, moment=moment)


@dataclass(frozen=True)
class Pace:
    """Requests a second from pick to close, and the workers' processor time for each request."""

    a_second: float
    cpu_ms: float


async def service_pace(settings: Settings, count: int, processes: int, concurrency: int) -> Pace:
    """The real service, from the first to the last request that is closed."""
    fill(settings, count)
    service = Service(settings, bench_tools, Orders(concurrency=concurrency), processes)
    running = asyncio.create_task(service.run())
    began, before = 0.0, 0.0
    me = psutil.Process()
    while (done := sum(service.picture.outcomes.values())) < count:
        if not began and done:
            began, first, before = time.monotonic(), done, cpu(me)
        await asyncio.sleep(0.05)
    took, spent = time.monotonic() - began, cpu(me) - before
    service.stop()
    await running
    return Pace((count - first) / took, 1000 * spent / (count - first))


def cpu(parent: psutil.Process) -> float:
    """Processor seconds of the worker processes."""
    spent = 0.0
    for child in parent.children():
        if "spawn_main" in " ".join(child.cmdline()):
            times = child.cpu_times()
            spent += times.user + times.system
    return spent


def one_by_one(settings: Settings, count: int) -> float:
    """Requests a second of a worker that picks, asks and closes one after the other."""
    fill(settings, count)
    began = time.monotonic()
    with connections.beat(settings, autocommit=True) as connection, httpx.Client(base_url=os.environ[URL]) as client:
        while picked := queue.pick(connection, moment=datetime.now(UTC), flows=[FLOW]):
            client.get("/").raise_for_status()
            queue.complete(connection, picked, moment=datetime.now(UTC))
    return count / (time.monotonic() - began)


def units_by_search(channels: int, videos: int) -> Counter[str]:
    """The same with `search.list` for what is new, and `videos.list` for the counts."""
    pages = math.ceil(videos / 50)
    return Counter({"common": math.ceil(channels / 50) + channels * pages, "search": channels * pages})


def measure_speed(settings: Settings, console: Console, requests: int, processes: int, concurrency: int) -> float:
    """Requests a second of the service, printed beside those of one call after the other."""
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(ANSWER_SECONDS)], stdout=subprocess.PIPE, text=True)
    try:
        port = server.stdout.readline().strip() if server.stdout else ""
        os.environ[URL] = f"http://127.0.0.1:{port}"
        pace = asyncio.run(service_pace(settings, requests, processes, concurrency))
        single = one_by_one(settings, 100)
    finally:
        server.kill()
        server.wait()
    share = pace.cpu_ms / (pace.cpu_ms + 1000 * ANSWER_SECONDS)
    table = titled("50 ms answers", "requests/s", "ratio", "of worker time in our code")
    table.add_row("one after the other", f"{single:,.0f}", "1", "")
    name = f"{processes} processes, {concurrency} calls each"
    table.add_row(name, f"{pace.a_second:,.0f}", f"{pace.a_second / single:.0f}", f"{share:.0%} ({pace.cpu_ms:.1f} ms)")
    console.print(table)
    ideal = processes * concurrency / ANSWER_SECONDS
    console.print(f"the answers alone would allow {ideal:,.0f}/s; asked for: at least {RATE}/s")
    return pace.a_second


def count_units(settings: Settings, console: Console, channels: int) -> Counter[str]:
    """Units of a day of these channels by the real flows, printed beside those by search."""
    by_uploads = asyncio.run(units_by_uploads(settings, channels, 50))
    table = titled(f"{channels:,} channels, 50 videos each, a day", "common", "stats", "search")
    for name, found in (("uploads playlist, measured", by_uploads), ("by search", units_by_search(channels, 50))):
        table.add_row(name, *(f"{found[bucket]:,}" for bucket in ("common", "stats", "search")))
    console.print(table)
    return by_uploads


def show_day(settings: Settings, console: Console, shape: Shape) -> None:
    """Simulate a day of tracked profiles, and print what was answered and which limits bound for how long."""
    day = play(settings, shape)
    title = f"{shape.profiles:,} profiles, {shape.keys} keys and users, 24 h"
    table = titled(title, "tracked", "answered", "the last after", "half within", "all within", "expired", "given back")
    for name, flow in day.flows.items():
        waits = sorted(flow.waits) or [0.0]
        spans = (flow.last, waits[len(waits) // 2], waits[-1])
        counts = (flow.tracked, len(flow.answered))
        row = (*(f"{count:,}" for count in counts), *(f"{span / 3600:.1f} h" for span in spans), f"{flow.expired:,}")
        row = (*row, f"{day.given_back[name]:,}")
        table.add_row(name, *row)
    console.print(table)
    bounds = titled("what held requests back", "of 24 h", "refusals")
    for name, bound in sorted(day.bounds.items(), key=lambda pair: -pair[1].seconds):
        bounds.add_row(name, f"{bound.seconds / 3600:.1f} h", f"{bound.times:,}")
    console.print(bounds)


def titled(first: str, *others: str) -> Table:
    """A table with these heads; numbers stand on the right."""
    table = Table(first, box=box.SIMPLE_HEAD)
    for each in others:
        table.add_column(each, justify="right")
    return table


@click.command()
@click.option("--requests", default=6_000, show_default=True, type=click.IntRange(200))
@click.option("--processes", default=2, show_default=True)
@click.option("--concurrency", default=64, show_default=True)
@click.option("--channels", default=1_000, show_default=True, help="Channels whose units are counted.")
@click.option("--profiles", default=100_000, show_default=True, type=click.IntRange(2), help="Of the simulated day.")
@click.option("--keys", default=5, show_default=True, help="Projects and connected users of that day.")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only these parts; by default all.")
def main(
    requests: int, processes: int, concurrency: int, channels: int, profiles: int, keys: int, parts: tuple[str, ...]
) -> None:
    """Measure the worker, count what a day of tracking costs, and simulate a day of many profiles."""
    console = Console(width=120)
    chosen = parts or PARTS
    settings = ensure_services(load_settings(), ["postgres", "broker"])
    faults = []
    try:
        if "speed" in chosen:
            rate = measure_speed(settings, console, requests, processes, concurrency)
            if rate < RATE:
                faults.append(f"{rate:,.0f} requests/s are fewer than {RATE}")
        if "units" in chosen:
            units = count_units(settings, console, channels)
            if units["common"] > COMMON * channels / 1000 or units["stats"] > STATS * channels / 1000:
                faults.append(f"more than {COMMON:,} common units and {STATS:,} of batchGetStats for 1,000 channels")
        if "day" in chosen:
            show_day(settings, console, Shape(profiles, keys))
    finally:
        stop_services(settings)
    if faults:
        raise SystemExit("; ".join(faults))


if __name__ == "__main__":
    main()
