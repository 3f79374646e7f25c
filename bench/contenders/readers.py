"""What eight readers of a small table wait during many swaps, against the same readers of a quiet table."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bench.contenders.table import SPEC, Bench
from stir import connections
from stir.publish import SPECS, PublishSpec, publish, roll_back
from stir.settings import Settings

READERS = 8


@dataclass(frozen=True)
class Latency:
    """Milliseconds of single reads, their number, and how many went wrong."""

    reads: int
    errors: int
    p50: float
    p99: float
    longest: float


class Watch:
    """Eight connections that read one row by key in a loop."""

    def __init__(self, settings: Settings, table: str) -> None:
        self._settings, self._query = settings, f"select rank from {table} where platform_id = '17841400000000000'"
        self._seconds: list[float] = []
        self._errors = 0
        self._stop = threading.Event()

    def during(self, work: Callable[[], None]) -> Latency:
        """Read for as long as the work lasts."""
        threads = [threading.Thread(target=self._read, daemon=True) for _ in range(READERS)]
        for thread in threads:
            thread.start()
        try:
            work()
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
        ordered = sorted(1000 * value for value in self._seconds)
        half, most = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99))
        return Latency(len(ordered), self._errors, half, most, ordered[-1])

    def _read(self) -> None:
        with connections.postgres(self._settings, role="reader", autocommit=True) as connection:
            while not self._stop.wait(0.002):
                started = time.perf_counter()
                row = connection.execute(self._query.encode()).fetchone()
                self._seconds.append(time.perf_counter() - started)
                self._errors += row is None


def latencies(settings: Settings, bench: Bench, swaps: int) -> dict[str, Latency]:
    """By mode, and for a quiet table; a swap is a roll-back to the generation before, so nothing is loaded."""
    found: dict[str, Latency] = {}
    specs: dict[str, PublishSpec] = {
        "rename": replace(SPEC, name="swapped", table="swapped"),
        "schema": replace(SPEC, name="turned", table="turned", schema="turns", mode="schema"),
        "partition": replace(SPEC, name="parted", table="parted", carry_by="day", mode="partition"),
    }
    for mode, spec in specs.items():
        SPECS[spec.name] = spec
        for _ in range(2):
            publish(settings, spec.name, force=True, allow=("shrink", "growth"))
        table = f"{spec.schema}.{spec.table}"
        if not found:
            found["quiet"] = Watch(settings, table).during(lambda: time.sleep(5))

        def turn(spec: PublishSpec = spec) -> None:
            for number in range(swaps):
                to = None if number % 2 == 0 else newest(spec)
                roll_back(settings, spec, target="prod", run_id=f"{spec.name} {time.time()}", to=to)
                time.sleep(0.02)

        def newest(spec: PublishSpec) -> int:
            from stir.publish.ledger import generations
            from stir.publish.session import writer

            with writer(settings, "prod") as connection:
                return max(item.content for item in generations.history(connection, spec))

        found[mode] = Watch(settings, table).during(turn)
    return found


def histories(settings: Settings, bench: Bench, reads: int = 300) -> Iterator[tuple[str, str, float, float]]:
    """Table, query, median and 99th percentile in milliseconds of what a creator's page and a board ask for."""
    by = bench.spec.carry_by
    queries = {
        "creator": "select * from {table} where platform_id = (17841400000000000 + %s * 7919 %% 1000000007)::text",
        "month": f"select * from {{table}} where {by} >= '2025-09-01' and {by} < '2025-10-01' and platform = 'ALL'"
        " order by followers_rank limit 20 offset %s"
        if bench.spec.indexes[0].name != "by_rank"
        else f"select * from {{table}} where {by} >= '2025-09-01' and {by} < '2025-10-01'"
        " and platform_id = (17841400000000000 + %s * 7919 %% 1000000007)::text",
    }
    tables = [spec.table for spec in (bench.spec, bench.by_month) if spec]
    for name, query in queries.items():
        for table in tables:
            seconds = []
            with connections.postgres(settings, role="reader", autocommit=True) as connection:
                for number in range(reads):
                    started = time.perf_counter()
                    connection.execute(query.format(table=table).encode(), [number]).fetchall()
                    seconds.append(1000 * (time.perf_counter() - started))
            seconds.sort()
            yield table, name, seconds[reads // 2], seconds[reads * 99 // 100]
