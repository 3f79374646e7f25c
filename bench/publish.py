"""One table from ClickHouse to PostgreSQL: a publish against the usual ways and the floor, as ratios of one run."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import click
import psutil
from rich import box
from rich.console import Console
from rich.table import Table
from ways.peers import Peers
from ways.readers import latencies
from ways.table import TABLES, Bench

from stir.errors import StirError
from stir.local import ensure_services, stop_services
from stir.settings import Settings, load_settings


class Meter:
    """Wall time, processor seconds of everybody who works on it, and the peak memory of the one who moves the rows.

    Processor seconds are what a busy machine cannot blur. The engines' memory is their own matter and is not counted.
    """

    def __init__(self, settings: Settings) -> None:
        ports = (settings.clickhouse.port, settings.s3.port, urlsplit(settings.postgres_dsn()).port)
        listening = [item for item in psutil.net_connections("tcp") if item.status == psutil.CONN_LISTEN and item.pid]
        self._engines = [psutil.Process(item.pid) for item in listening if item.laddr.port in ports]
        self._own = psutil.Process()

    def __enter__(self) -> Self:
        self._used, self._started = self._processor(), time.perf_counter()
        self._idle = self._memory()
        self.peak, self._stop = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds = time.perf_counter() - self._started
        self.processor = self._processor() - self._used
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self.peak = max(self.peak, self._memory())

    def _memory(self) -> int:
        """Bytes of this process and of those it started."""
        total = 0
        for process in (self._own, *self._own.children(recursive=True)):
            with suppress(psutil.Error):
                if not any(engine.pid == process.pid for engine in self._engines):
                    total += process.memory_info().rss
        return total

    def _processor(self) -> float:
        total = 0.0
        for process in (*self._engines, self._own):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
            for child in process.children():
                with suppress(psutil.Error):
                    total += sum(child.cpu_times()[:2])
        return total


@click.command()
@click.option("--table", type=click.Choice(list(TABLES)), default="plain", show_default=True, help="Which table.")
@click.option("--rows", default=1_000_000, show_default=True)
@click.option("--rounds", default=3, show_default=True, help="Each round runs every way once; medians are printed.")
@click.option("--only", multiple=True, help="Only ways whose name contains this; may be given several times.")
@click.option("--peers/--no-peers", default=True, help="Install and run dlt, sling and ADBC too.")
@click.option("--swaps", default=0, help="Instead: what readers wait during so many swaps, per mode.")
def main(table: str, rows: int, rounds: int, only: tuple[str, ...], peers: bool, swaps: int) -> None:
    """Move the same table in each way and print seconds and ratios."""
    settings = ensure_services(load_settings())
    console = Console(highlight=False, width=None if Console().is_terminal else 120)
    try:
        with tempfile.TemporaryDirectory(prefix="stir-bench-") as name:
            folder = Path(name)
            folder.chmod(0o755)
            if swaps:
                _show_latencies(console, settings, Bench(settings, "plain", 20_000, folder), swaps)
            else:
                _compare(console, settings, Bench(settings, table, rows, folder), rounds, only, peers)
    finally:
        stop_services(settings)


def _compare(
    console: Console, settings: Settings, bench: Bench, rounds: int, only: tuple[str, ...], peers: bool
) -> None:
    bench.write_file()
    ways = bench.ways()
    if peers:
        others = Peers(settings, bench)
        others.install()
        ways |= others.ways()
    chosen = {way: run for way, run in ways.items() if not only or any(part in way for part in only)}
    meter = Meter(settings)
    figures: dict[str, list[tuple[float, float, int]]] = {way: [] for way in chosen}
    for number in range(rounds):
        for way, run in chosen.items():
            try:
                with meter:
                    run()
            except StirError as error:  # a peer that fails is no reason to lose the others' figures
                console.print(f"round {number + 1}: {way}: {error.line}", style="red")
                continue
            figures[way].append((meter.seconds, meter.processor, meter.peak))
            console.print(f"round {number + 1}: {way}: {meter.seconds:.2f} s", style="dim")
    size = bench.file.stat().st_size / 1e6
    medians = {
        way: [statistics.median(values) for values in zip(*runs, strict=True)] for way, runs in figures.items() if runs
    }
    ours = next(iter(medians.values()))
    title = f"{bench.rows:,} rows x {len(bench.spec.columns)} columns, {size:,.0f} MB of text, median of {rounds}"
    table = Table(title=f"stir bench publish: {title}", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("way")
    for heading in ("s", "of ours", "processor s", "of ours", "peak MB"):
        table.add_column(heading, justify="right")
    for way, (wall, used, peak) in medians.items():
        ratios = f"{wall / ours[0]:.2f}x", f"{used / ours[1]:.2f}x"
        table.add_row(way, f"{wall:.2f}", ratios[0], f"{used:.1f}", ratios[1], f"{peak / 1e6:.0f}")
    console.print(table)
    for way, volume in bench.objects.items():
        console.print(f"bytes on S3, {way}: {volume / 1e6:,.1f} MB")
    stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in bench.stages.items())
    console.print(f"stages of the last publish, seconds: {stages}")
    console.print(f"{psutil.cpu_count()} cores; memory is the mover's, engines not counted")


def _show_latencies(console: Console, settings: Settings, bench: Bench, swaps: int) -> None:
    table = Table(title=f"reads while a table is swapped {swaps} times, milliseconds", box=box.SIMPLE_HEAD)
    for heading in ("mode", "reads", "errors", "p50", "p99", "max"):
        table.add_column(heading, justify="left" if heading == "mode" else "right")
    for mode, seen in latencies(settings, bench, swaps).items():
        table.add_row(
            mode, f"{seen.reads:,}", str(seen.errors), f"{seen.p50:.2f}", f"{seen.p99:.1f}", f"{seen.longest:.0f}"
        )
    console.print(table)


if __name__ == "__main__":
    main()
