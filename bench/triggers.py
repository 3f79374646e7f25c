"""The scrape queue: picks a second by one and by four workers against the same rows taken without SKIP LOCKED."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import psycopg
from rich import box
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.local import ensure_services, stop_services
from stir.scrape_queue import queue
from stir.settings import Settings, load_settings

NOW = datetime(2026, 6, 15, tzinfo=UTC)
SCHEMA = "bench_queue"
FLOOR = 1_000
"""Picks a second that four workers reach at least, each pick a transaction of its own."""

NAIVE = """
update scrape_request_log set status = 'PROCESSING', picked_at = %(moment)s
where id = (
    select id from scrape_request_log
    where status = 'PENDING' and expires_at > %(moment)s
    order by priority, created_at, id limit 1 for update
) and status = 'PENDING'
returning id
"""


@click.command()
@click.option("--requests", default=20_000, show_default=True, help="How many wait in the queue.")
@click.option("--seconds", default=5.0, show_default=True, help="How long each way is measured.")
def bench(requests: int, seconds: float) -> None:
    """Print each way's picks a second and its ratio to one worker's; leave with 1 under the floor or on a double."""
    settings = ensure_services(load_settings(), names=("postgres",))
    table = Table("way", "picks a second", "of one worker", box=box.SIMPLE_HEAD)
    try:
        fill(settings, requests)
        one, four, ten, naive = (
            measure(settings, requests, seconds, workers=workers, size=size, plain=plain)
            for workers, size, plain in ((1, 1, False), (4, 1, False), (4, 10, False), (4, 1, True))
        )
        for contender, rate in (
            ("one worker, one a time", one),
            ("four workers, one a time", four),
            ("four workers, ten a time", ten),
            ("four workers that wait for each other's rows", naive),
        ):
            table.add_row(contender, f"{rate:,.0f}", f"{rate / one:.2f}x")
        started = time.monotonic()
        with session(settings) as connection:
            queue.enqueue(connection, [request(f"burst-{number}") for number in range(100_000)], moment=NOW)
        took = time.monotonic() - started
    finally:
        with connections.beat(settings, autocommit=True) as owner:
            owner.execute(f"drop schema if exists {SCHEMA} cascade")
        stop_services(settings)
    Console().print(table)
    click.echo(f"a burst of 100,000 requests in one statement: {took:.1f} s")
    if four < FLOOR:
        raise SystemExit(f"four workers reach {four:,.0f} picks a second; {FLOOR:,} were promised")


def request(key: str) -> queue.Request:
    return queue.Request(
        key=key,
        platform="INSTAGRAM",
        flow="refresh_profile_by_handle",
        params={"handle": key},
        priority=1 + len(key) % 9,
        expires_at=NOW + timedelta(days=1),
    )


def session(settings: Settings) -> psycopg.Connection[Any]:
    return connections.beat(settings, autocommit=True, options=f"-c search_path={SCHEMA}")


def fill(settings: Settings, requests: int) -> None:
    with connections.beat(settings, autocommit=True) as owner:
        owner.execute(f"drop schema if exists {SCHEMA} cascade")
        owner.execute(f"create schema {SCHEMA}")
    with session(settings) as connection:
        queue.prepare(connection)
        queue.enqueue(connection, [request(f"key-{number}") for number in range(requests)], moment=NOW)


def measure(settings: Settings, requests: int, seconds: float, *, workers: int, size: int, plain: bool) -> float:
    """Picks a second. Everything waits again before it begins.

    Raises:
        SystemExit: two workers got the same request.
    """
    with session(settings) as connection:
        connection.execute("update scrape_request_log set status = 'PENDING', picked_at = null")
        connection.execute("vacuum analyze scrape_request_log")
    until = time.monotonic() + seconds

    def work(worker: psycopg.Connection[Any]) -> list[int]:
        mine: list[int] = []
        with worker:
            while time.monotonic() < until and len(mine) < requests:
                if plain:
                    mine += [number for (number,) in worker.execute(NAIVE, {"moment": NOW})]
                else:
                    mine += [each.id for each in queue.pick(worker, size, moment=NOW)]
        return mine

    started = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        picked = [each for share in pool.map(work, [session(settings) for _ in range(workers)]) for each in share]
    took = time.monotonic() - started
    if len(picked) != len(set(picked)):
        raise SystemExit("a request was picked twice")
    return len(picked) / took


if __name__ == "__main__":
    bench()
