"""The daily leaderboard and series, from source tables to published rows: ours beside DuckDB and Polars from Parquet.

In each round a day of news comes, its Parquet files are written (not measured), and every contender makes both tables
and publishes them to PostgreSQL. Ours adds the day; the others, which keep nothing between two days, make everything
again, as ours does "from nothing". All rows are compared in PostgreSQL, value by value; a single difference ends the
bench with an error. What the project knows of each account (name, category, links) is given to all three: it is made of
other sources. Ours writes what else it does, rejects and projections for its increments, and proves the content of what
it publishes; the others check nothing.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from bench.contenders.daily_files import OURS, PUBLISHED, REBUILT, TOOLS, differing, export, rows_of
from bench.contenders.meter import Figures
from bench.contenders.process import run_apart
from bench.models import build
from stir import connections
from stir.cli.stages import Stages
from stir.errors import StirError
from stir.local import ensure_services, stop_services
from stir.settings import Settings, load_settings
from stir.world import WorldParameters, advance, make
from stir.world.parameters import midnight

SCRIPT = Path(__file__).parent / "contenders" / "run_daily.py"
CONTENDERS = (OURS, *TOOLS, REBUILT)
SHORT = (100, 35, 1)
"""Creators, days and rounds of a run that only shows that everything works."""


@dataclass(frozen=True)
class Run:
    """What a contender took once; `statement` is the memory of ClickHouse's largest one, `parts` are seconds."""

    figures: Figures
    statement: int
    parts: dict[str, float]


def prepare(settings: Settings, stages: Stages, creators: int, days: int, rounds: int) -> None:
    """A world that ends `rounds` days ago, and everything that the boards need, built as of then."""
    end = midnight() - timedelta(days=rounds + 1)
    with stages.stage(f"world of {creators:,} creators, {days} days"):
        make(settings, WorldParameters(creators=creators, days=days, end=end), replace=True)
    with connections.clickhouse(settings) as client:
        client.command(f"drop database if exists {settings.clickhouse_database} sync")
    settings = at(settings, end)
    build(settings, stages, "reference lists", "seed")
    build(settings, stages, "first build", "run", "--select", "+mart_leaderboard", "+mart_time_series")


def at(settings: Settings, moment: datetime) -> Settings:
    """The settings of a build as of a moment."""
    return settings.model_copy(update={"as_of": moment.replace(tzinfo=None).isoformat()})


def compare(settings: Settings) -> None:
    """Look for rows of the contenders that are not ours, or that we alone have.

    Raises:
        StirError: there are such rows.
    """
    for tool, module in TOOLS.items():
        for table in PUBLISHED:
            rows = differing(settings, module.rpartition("_")[2], table)
            if rows:
                shown = "; ".join(rows[:4])
                raise StirError(f"{table} by {tool} differs from ours in {len(rows):,} rows", where=shown)


def measure(settings: Settings, stages: Stages, folder: Path) -> dict[str, Run]:
    """One day: news, files, every contender once, and all values compared."""
    settings = at(settings, advance(settings, 24))
    with stages.stage("Parquet files"):
        export(settings, folder)
    found, variables = {}, {"STIR_AS_OF": settings.as_of or ""}
    for contender in CONTENDERS:
        with stages.stage(contender):
            figures, answer = run_apart(SCRIPT, contender, [str(folder)], variables)
        found[contender] = Run(figures, int(answer["statement"]), answer["parts"])
        if contender in (tuple(TOOLS)[-1], REBUILT):
            compare(settings)
    return found


def table(found: list[dict[str, Run]]) -> Table:
    """Medians of each contender, and how they stand to ours."""
    shown = Table(title="the day's leaderboard and series, published", title_justify="left", box=box.SIMPLE_HEAD)
    shown.add_column("contender", no_wrap=True)
    for heading in ("s", "of ours", "processor s", "of ours", "peak MB", "largest statement MB"):
        shown.add_column(heading, justify="right")

    def medians(contender: str) -> tuple[float, float, float, float]:
        runs = [each[contender] for each in found]
        return (
            statistics.median(run.figures.seconds for run in runs),
            statistics.median(sum(run.figures.processor.values()) for run in runs),
            statistics.median(run.figures.peak for run in runs),
            statistics.median(run.statement for run in runs),
        )

    ours = medians(OURS)
    for contender in CONTENDERS:
        wall, used, peak, statement = medians(contender)
        shown.add_row(
            contender,
            f"{wall:.1f}",
            f"{wall / ours[0]:.2f}x",
            f"{used:.1f}",
            f"{used / ours[1]:.2f}x",
            f"{peak / 1e6:,.0f}",
            f"{statement / 1e6:,.0f}" if statement else "",
        )
    return shown


def parts(found: list[dict[str, Run]], contender: str) -> str:
    """Where the time of one of ours goes, as text."""
    seconds = {
        part: statistics.median(each[contender].parts[part] for each in found) for part in found[0][contender].parts
    }
    return (
        f"{contender}: dbt {seconds['dbt']:.1f} s, with a statement in ClickHouse {seconds['ClickHouse']:.1f} s of it;"
        f" both publishes {seconds['publish']:.1f} s"
    )


@click.command()
@click.option("--creators", default=2000, show_default=True)
@click.option("--days", default=90, show_default=True, help="Days of history.")
@click.option("--rounds", default=3, show_default=True, help="Days that come one after the other; medians are printed.")
@click.option("--short", is_flag=True, help="A small world and one round: shows that it works, not how fast.")
def main(creators: int, days: int, rounds: int, *, short: bool) -> None:
    """Print what the same day takes by each contender, once all their rows are the same."""
    if short:
        creators, days, rounds = SHORT
    settings, stages = ensure_services(load_settings()), Stages()
    console = Console(highlight=False, width=None if Console().is_terminal else 120)
    try:
        prepare(settings, stages, creators, days, rounds)
        with tempfile.TemporaryDirectory(dir=settings.state_dir) as name:
            found = [measure(settings, stages, Path(name)) for _ in range(rounds)]
            size = sum(path.stat().st_size for path in Path(name).glob("*.parquet"))
        console.print(table(found))
        for line in (
            f"{creators:,} creators, {days} days, {size / 1e6:,.0f} MB of Parquet; medians of {rounds}",
            f"rows compared, none differs: {', '.join(f'{name} {rows_of(settings, name):,}' for name in PUBLISHED)}",
            *(parts(found, contender) for contender in (OURS, REBUILT)),
            f"{psutil.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; processor seconds are everybody's",
        ):
            console.print(line)
    finally:
        stop_services(settings)


if __name__ == "__main__":
    main()
