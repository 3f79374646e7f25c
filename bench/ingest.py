"""Records by stream: events a second from publisher to ClickHouse, time until visible, a verdict, the HTTP door."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256

import click
import jsonschema  # type: ignore[import-untyped]
from rich import box
from rich.console import Console
from rich.table import Table

from bench.load import run_dlt
from stir import connections
from stir.errors import StirError
from stir.ingest.broker import Broker, connect
from stir.ingest.clients import Client, Clients, digest_of
from stir.ingest.door import create_door
from stir.ingest.health import server
from stir.ingest.messages import NDJSON
from stir.ingest.records import checker
from stir.ingest.sink import Sink
from stir.ingest.streams import stream
from stir.local import ensure_services, stop_services
from stir.local.machine.ports import find_free
from stir.settings import Settings, load_settings
from stir.sources.ddl import create_table, databases
from stir.sources.json_schema import json_schema

STREAM = stream("profile_log")
EVENTS_A_SECOND, VISIBLE_SECONDS, VERDICT_MS, DOOR_A_SECOND, DOOR_MS = 15_000, 6.0, 1.0, 5_000, 50.0


def body(number: int) -> bytes:
    """A reading of a profile, of about 400 bytes."""
    record = {
        "event_id": f"bench-{number}",
        "source": "ytapi",
        "platform": "YOUTUBE",
        "profile_id": "UC_x5XG1OV2P6uZZ5FSM9Ttw",
        "event_timestamp": f"2026-06-{1 + number % 14:02d}T10:00:00Z",
        "metrics": json.dumps({"followers": number, "views": 7 * number, "posts": 12}),
        "dimensions": json.dumps({"handle": f"creator{number}", "title": "A channel about something", "country": "DE"}),
    }
    return json.dumps(record).encode()


def lines(first: int, count: int) -> bytes:
    return b"\n".join(map(body, range(first, first + count)))


async def send(broker: Broker, bodies: list[bytes]) -> None:
    """Publish, with 32 confirmations outstanding."""
    waiting = asyncio.Semaphore(32)

    async def one(content: bytes) -> None:
        async with waiting:
            await broker.publish(
                STREAM.name, content, message_id=sha256(content).hexdigest(), headers={"content-type": NDJSON}
            )

    await asyncio.gather(*map(one, bodies))


def rows(settings: Settings) -> int:
    return int(connections.clickhouse(settings).query(f"select count() from {STREAM.table}").result_rows[0][0])


def empty(settings: Settings) -> None:
    client = connections.clickhouse(settings)
    for statement in (*databases([STREAM.contract]), create_table(STREAM.contract, if_not_exists=True)):
        client.command(statement)
    client.command(f"truncate table {STREAM.table}")


async def throughput(settings: Settings, seconds: float) -> tuple[float, float]:
    """Events a second that were published, checked, written and acknowledged, and those of a second of processor that
    publisher and sink took together; these two, the broker and ClickHouse share the machine."""
    broker, other = await connect(settings), await connect(settings)
    prepared = [lines(first, 100) for first in range(0, 100_000, 100)]
    sink = Sink(settings, other, [STREAM])
    running = asyncio.create_task(sink.run())
    began, number, processor = time.monotonic(), 0, time.process_time()
    while time.monotonic() - began < seconds:
        # The publisher waits when it is far ahead, so that what is measured is what lasts.
        if (await broker.backlog(STREAM.name)).messages < 600:
            mark = f'"bench-{number}-'.encode()
            await send(broker, [each.replace(b'"bench-', mark) for each in prepared[number % 10 * 100 :][:100]])
            number += 1
        else:
            await asyncio.sleep(0.02)
    while (await broker.backlog(STREAM.name)).messages:
        await asyncio.sleep(0.05)
    took, processor = time.monotonic() - began, time.process_time() - processor
    sink.stop()
    await running
    await broker.close()
    await other.close()
    written = await asyncio.to_thread(rows, settings)
    return written / took, written / processor


async def visible(settings: Settings, seconds: float) -> float:
    """Seconds within which 99 of 100 events could be read, at 1,000 events a second."""
    broker, other = await connect(settings), await connect(settings)
    sink = Sink(settings, other, [STREAM])
    running = asyncio.create_task(sink.run())
    sent: list[float] = []
    seen: list[tuple[float, int]] = []
    began = time.monotonic()

    async def look() -> None:
        while True:
            count = await asyncio.to_thread(rows, settings)
            seen.append((time.monotonic(), count))
            await asyncio.sleep(0.1)

    looking = asyncio.create_task(look())
    for number in range(int(seconds * 10)):
        await asyncio.sleep(max(0.0, began + number / 10 - time.monotonic()))
        await broker.publish(STREAM.name, lines(number * 100, 100), headers={"content-type": NDJSON})
        sent.append(time.monotonic())
    while seen[-1][1] < 100 * len(sent):
        await asyncio.sleep(0.1)
    looking.cancel()
    sink.stop()
    await running
    await broker.close()
    await other.close()
    waits = sorted(next(at for at, count in seen if count >= 100 * (n + 1)) - moment for n, moment in enumerate(sent))
    return waits[int(len(waits) * 0.99)]


def percentile(act: Callable[[int], object], times: int) -> tuple[float, float]:
    """Calls a second, and the milliseconds within which 99 of 100 ended."""
    took = []
    for number in range(times):
        began = time.perf_counter()
        act(number)
        took.append(time.perf_counter() - began)
    return times / sum(took), sorted(took)[int(times * 0.99)] * 1000


def naive(settings: Settings, seconds: float) -> float:
    """Events a second, each an insert of its own."""
    client, check, number = connections.clickhouse(settings), checker(STREAM.table), 0
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        row = check.check_bytes(body(number)).row or {}
        client.insert(STREAM.table, [list(row.values())], column_names=list(row))
        number += 1
    return number / (time.monotonic() - began)


async def door(settings: Settings, seconds: float) -> tuple[float, float]:
    """Events a second through the door, 100 a request from four clients, and the milliseconds of 99 of 100 requests."""
    import httpx

    clients = Clients((Client("bench", digest_of("bench")),), 100_000_000)
    port = find_free(set())
    pages = server(create_door(lambda: connect(settings), clients), "127.0.0.1", port)
    serving = asyncio.create_task(pages.serve())
    while not pages.started:
        await asyncio.sleep(0.05)
    url = f"http://127.0.0.1:{port}/v1/streams/{STREAM.name}"
    headers = {"Authorization": "Bearer bench", "Content-Type": NDJSON}
    ended = time.monotonic() + seconds

    def ask(worker: int) -> list[float]:
        took, number = [], 0
        with httpx.Client(headers=headers) as client:
            while time.monotonic() < ended:
                content = lines(10**7 * (worker + 1) + number, 100)
                number += 100
                began = time.perf_counter()
                client.post(url, content=content).raise_for_status()
                took.append(time.perf_counter() - began)
        return took

    with ThreadPoolExecutor(2) as pool:
        loop = asyncio.get_running_loop()
        found = await asyncio.gather(*(loop.run_in_executor(pool, ask, worker) for worker in range(2)))
    pages.should_exit = True
    await serving
    took = sorted(each for part in found for each in part)
    return 100 * len(took) / seconds, took[int(len(took) * 0.99)] * 1000


def by_dlt(settings: Settings, events: int = 50_000) -> float:
    """Events a second that dlt loads from a file of JSON lines, without a broker and without a contract."""
    folder = settings.state_dir / "dlt"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / "events.jsonl"
    path.write_bytes(lines(0, events))
    seconds, _ = run_dlt(settings, folder, path, "json")
    shutil.rmtree(folder, ignore_errors=True)
    return events / seconds


@click.command()
@click.option("--seconds", default=60.0, show_default=True, help="How long the sustained rate is measured.")
@click.option("--peers/--no-peers", default=True, help="Install dlt once, in an environment of its own, and run it.")
def bench(seconds: float, peers: bool) -> None:
    """Print each figure with its goal and its peer; leave with 1 if a goal is missed.

    Vector and Benthos, which would be peers, are in none of PyPI, Debian's packages and npm.
    """
    settings = ensure_services(load_settings(), ("clickhouse", "postgres", "s3", "broker"))
    table = Table("what", "measured", "goal", "peer in this run", box=box.SIMPLE_HEAD)
    short = max(3.0, seconds / 6)
    try:
        empty(settings)
        one_by_one = naive(settings, short)
        empty(settings)
        rate, of_processor = asyncio.run(throughput(settings, seconds))
        empty(settings)
        seen = asyncio.run(visible(settings, short))
        bodies = [body(number) for number in range(20_000)]
        verdicts, verdict_ms = percentile(
            lambda n: checker(STREAM.table).check_bytes(bodies[n], datetime.now(UTC)), len(bodies)
        )
        pure = jsonschema.Draft202012Validator(json_schema(STREAM.contract))
        pure_rate, _ = percentile(lambda n: list(pure.iter_errors(json.loads(bodies[n]))), 2_000)
        door_rate, door_ms = asyncio.run(door(settings, short))
        dlt_rate, failed = 0.0, None
        try:
            dlt_rate = by_dlt(settings) if peers else 0.0
        except StirError as error:  # what was measured before is worth a table
            failed = error
    finally:
        stop_services(settings)
    table.add_row(
        "published, checked, written, acknowledged",
        f"{rate:,.0f} events/s",
        f"{EVENTS_A_SECOND:,}",
        f"an insert for each event: {one_by_one:,.0f} events/s, {rate / one_by_one:,.0f}x",
    )
    if dlt_rate:
        table.add_row("", "", "", f"dlt, from a file of JSON lines: {dlt_rate:,.0f} events/s, {rate / dlt_rate:.1f}x")
    table.add_row("the same for a second of processor of both programs", f"{of_processor:,.0f} events", "", "")
    table.add_row("visible at 1,000 events/s, p99", f"{seen:.1f} s", f"{VISIBLE_SECONDS:g} s", "")
    table.add_row(
        "a verdict, p99",
        f"{verdict_ms:.2f} ms, {verdicts:,.0f}/s",
        f"{VERDICT_MS:g} ms",
        f"jsonschema (Python): {pure_rate:,.0f}/s, {verdicts / pure_rate:.1f}x",
    )
    table.add_row("the door, 100 events a request", f"{door_rate:,.0f} events/s", f"{DOOR_A_SECOND:,}", "")
    table.add_row("the door, p99 of a request", f"{door_ms:.0f} ms", f"{DOOR_MS:g} ms", "")
    Console(width=140).print(table)
    reached = (rate >= EVENTS_A_SECOND, seen <= VISIBLE_SECONDS, verdict_ms < VERDICT_MS, door_rate >= DOOR_A_SECOND)
    if failed:
        raise failed
    if not all(reached) or door_ms >= DOOR_MS:
        raise SystemExit("a goal was missed")


if __name__ == "__main__":
    bench()
