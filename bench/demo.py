"""The demo from nothing, stage by stage, then once more: seconds, memory, and how much of it is ClickHouse at work."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click
import psutil
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.cli.demo import run_demo
from stir.cli.stages import Stages
from stir.local import stop_services
from stir.settings import Settings, load_settings

SAMPLE_SECONDS = 0.5


def _processes(settings: Settings) -> set[psutil.Process]:
    """This process with its children, and every process that runs out of this state folder."""
    own = psutil.Process()
    found = {own, *own.children(recursive=True)}
    mark = str(settings.state_dir)
    for process in psutil.process_iter(["cmdline"]):
        if any(mark in argument for argument in process.info["cmdline"] or ()):
            found |= {process, *process.children(recursive=True)}
    return found


def _resident_bytes(settings: Settings) -> int:
    total = 0
    for process in _processes(settings):
        try:
            # Proportional set size counts memory that PostgreSQL's processes share only once.
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total


@contextmanager
def peak_memory(settings: Settings) -> Iterator[list[int]]:
    """A list whose one element is the most bytes that all processes of the demo held at a sample."""
    peak, over = [0], threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], _resident_bytes(settings))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def clickhouse_seconds(settings: Settings) -> float:
    """Seconds in which at least one query of the writer was at work, from the query log."""
    query = """
        select query_start_time_microseconds as began, began + toIntervalMillisecond(query_duration_ms) as ended
        from system.query_log where type = 'QueryFinish' and query_duration_ms > 0 and user = {user:String}
        order by began
    """
    with connections.clickhouse(settings) as client:
        client.command("system flush logs")
        spans = client.query(query, parameters={"user": settings.clickhouse.user}).result_rows
    busy, reached = 0.0, None
    for began, ended in spans:
        start = began if reached is None else max(began, reached)
        if ended > start:
            busy += (ended - start).total_seconds()
            reached = ended
    return busy


@click.command()
@click.option("--creators", default=2000, show_default=True)
@click.option("--days", default=90, show_default=True)
def main(creators: int, days: int) -> None:
    """Run the demo twice in a state folder of its own and print where the time went."""
    settings = load_settings()
    stop_services(settings)
    shutil.rmtree(settings.state_dir, ignore_errors=True)
    with peak_memory(settings) as peak:
        first = Stages()
        settings = run_demo(creators, days, 7, replace=False, rebuild=False, stages=first)
        busy = clickhouse_seconds(settings)
        second = Stages()
        run_demo(creators, days, 7, replace=False, rebuild=False, stages=second)
    table = Table(title=f"stir bench demo: {creators:,} creators x {days} days", title_justify="left")
    table.add_column("stage")
    for heading in ("first, s", "share", "again, s"):
        table.add_column(heading, justify="right")
    for one, two in zip(first.finished, second.finished, strict=True):
        share = f"{one.seconds / first.seconds:.0%}"
        table.add_row(one.title, f"{one.seconds:.1f}", share, f"{two.seconds:.2f}")
    table.add_section()
    table.add_row("all", f"{first.seconds:.1f}", "100%", f"{second.seconds:.2f}")
    console = Console()
    console.print(table)
    console.print(f"again / first              {second.seconds / first.seconds:.3f}x", highlight=False)
    console.print(f"first / ClickHouse at work {first.seconds / busy:.2f}x ({busy:.1f} s busy)", highlight=False)
    console.print(f"peak memory, all processes {peak[0] / 2**30:.2f} GB", highlight=False)
    console.print(f"cores                      {psutil.cpu_count()}", highlight=False)
    stop_services(settings)


if __name__ == "__main__":
    main()
