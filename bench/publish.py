"""One table from ClickHouse to PostgreSQL: a publish against the usual ways and the floor, as ratios of one run."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from bench.contenders.meter import Figures
from bench.contenders.peers import Peers
from bench.contenders.process import run_apart
from bench.contenders.readers import histories, latencies
from bench.contenders.table import BY_MONTH, TABLES, Bench
from stir.errors import StirError
from stir.local import ensure_services, stop_services
from stir.settings import Settings, load_settings

RUN_CONTENDER = Path(__file__).parent / "contenders" / "run_contender.py"
OURS = "stir publish, stream"
OVER_SSH = ", ssh"


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
                small = Bench(settings, "plain", 20_000, folder)
                small.fill()
                _show_latencies(console, settings, small, swaps)
            else:
                _compare(console, settings, Bench(settings, table, rows, folder), table, rounds, only, peers)
    finally:
        stop_services(settings)


def _compare(
    console: Console, settings: Settings, bench: Bench, table: str, rounds: int, only: tuple[str, ...], peers: bool
) -> None:
    others = Peers(settings, bench)
    contenders = [*bench.contenders(), *(others.contenders() if peers else ())]
    chosen = [contender for contender in contenders if not only or any(part in contender for part in only)]
    if peers and any(contender in others.contenders() for contender in chosen):
        others.install()
    bench.fill()
    figures: dict[str, list[Figures]] = {}
    objects: dict[str, int] = {}
    last: dict[str, Any] = {}
    with _host(settings, wanted=any(OVER_SSH in contender for contender in chosen)) as host:
        for number in range(rounds):
            for contender in chosen:
                variables = host if OVER_SSH in contender else {}
                try:
                    found, answer = run_apart(
                        RUN_CONTENDER, contender, [table, str(bench.rows), str(bench.folder)], variables
                    )
                except StirError as error:  # a peer that fails is no reason to lose the others' figures
                    console.print(f"round {number + 1}: {contender}: {error.line}", style="red")
                    continue
                figures.setdefault(contender, []).append(found)
                objects |= answer["objects"]
                last[contender] = answer
                console.print(f"round {number + 1}: {contender}: {found.seconds:.2f} s", style="dim")
    size = bench.file.stat().st_size / 1e6
    shape = f"{bench.rows:,} rows x {len(bench.spec.columns)} columns, {size:,.0f} MB of text"
    _show(console, f"stir bench publish: {shape}, median of {rounds}", figures)
    if bench.by_month and any(contender.startswith(BY_MONTH) for contender in figures):
        _show_history(console, settings, bench)
    for contender, volume in objects.items():
        console.print(f"bytes on S3, {contender}: {volume / 1e6:,.1f} MB")
    if OURS in last:
        _show_phases(console, last[OURS])
    console.print(
        f"{psutil.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; each way in a process of its own, "
        "timed from when it is ready; memory is the mover's, engines not counted"
    )


def _show_history(console: Console, settings: Settings, bench: Bench) -> None:
    table = Table(
        title="a creator's whole history, then one month of many, milliseconds",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for heading in ("table", "query", "p50", "p99"):
        table.add_column(heading, justify="right" if heading.startswith("p") else "left")
    for name, query, half, most in histories(settings, bench):
        table.add_row(name, query, f"{half:.2f}", f"{most:.2f}")
    console.print(table)


@contextmanager
def _host(settings: Settings, *, wanted: bool) -> Iterator[dict[str, str]]:
    """The variables that make a publish go through a real sshd, the one that the tests use."""
    if not wanted:
        yield {}
        return
    from tests.integration.publish.postgres_host import postgres_host

    with postgres_host(settings) as host:
        names = ("publish_transport", "ssh_url", "ssh_key_file", "ssh_known_hosts", "ssh_psql", "ssh_folder")
        values = host.settings.model_dump()
        yield {f"STIR_{name.upper()}": str(values[name]) for name in names}


def _show(console: Console, title: str, figures: Mapping[str, list[Figures]]) -> None:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("way")
    for heading in ("runs", "s", "of ours", "processor s", "of ours", "peak MB"):
        table.add_column(heading, justify="right")
    medians = {
        contender: (
            statistics.median(run.seconds for run in runs),
            statistics.median(sum(run.processor.values()) for run in runs),
            statistics.median(run.peak for run in runs),
        )
        for contender, runs in figures.items()
    }
    ours = next(iter(medians.values()), (1.0, 1.0, 1.0))
    for contender, (wall, used, peak) in medians.items():
        ratios = f"{wall / ours[0]:.2f}x", f"{used / ours[1]:.2f}x"
        runs = str(len(figures[contender]))
        table.add_row(contender, runs, f"{wall:.2f}", ratios[0], f"{used:.1f}", ratios[1], f"{peak / 1e6:.0f}")
    console.print(table)


def _show_phases(console: Console, answer: Mapping[str, Any]) -> None:
    names = ("ClickHouse", "PostgreSQL", "S3", "loader")
    table = Table(title="where the time goes, last publish: seconds", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("phase")
    for heading in ("wall", *(f"{name} processor" for name in names)):
        table.add_column(heading, justify="right")
    for phase, wall, spent in answer["phases"]:
        table.add_row(phase, f"{wall:.2f}", *(f"{spent[name]:.2f}" for name in names))
    totals = [sum(spent[name] for _, _, spent in answer["phases"]) for name in names]
    wall = sum(wall for _, wall, _ in answer["phases"])
    table.add_row("all", f"{wall:.2f}", *(f"{total:.2f}" for total in totals), style="bold")
    console.print(table)
    table = Table(title="each piece of work, many at once: seconds", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("work")
    for heading in ("calls", "first began", "last ended", "sum"):
        table.add_column(heading, justify="right")
    for work, calls, begin, end, total in answer["spans"]:
        table.add_row(work, str(calls), f"{begin:.2f}", f"{end:.2f}", f"{total:.2f}")
    console.print(table)


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
