"""Every model built from nothing, then once more: cost per model, and how much of the time is not ClickHouse's.

The size of production, by hand: `./stir bench models --creators 100000 --days 365 --no-tests --threads 2` (some 45 GB
of disk; a model may take 4 GB, so that two at once fit the half of 24 GB that the server takes). The world is kept, and
another run on the same day with the same size begins with it.
"""

from __future__ import annotations

import time

import click
import psutil
from rich.console import Console
from rich.table import Table

from bench.demo import clickhouse_seconds
from stir import connections
from stir.cli.stages import Stages
from stir.local import ensure_services, stop_services
from stir.operations.backfill.tables import drop_database
from stir.settings import Settings, load_settings
from stir.transform.costs import NodeCost, beyond, read_budgets, read_latest_builds
from stir.transform.runner import NodeResult, run_dbt
from stir.world import WorldParameters, make
from stir.world.history import creator_days
from stir.world.parameters import midnight


def build(settings: Settings, stages: Stages, title: str, *arguments: str) -> tuple[float, float]:
    """One dbt command as a stage; returns its seconds and those in which ClickHouse was at work."""
    before = clickhouse_seconds(settings)
    started = time.monotonic()
    with stages.stage(title) as stage:

        def show(node: NodeResult) -> None:
            stage.step(node.index, node.total, node.name)

        run_dbt(settings, arguments, on_node=show).raise_for_failure()
    return time.monotonic() - started, clickhouse_seconds(settings) - before


def table(costs: dict[str, NodeCost], rows: int) -> Table:
    """The most expensive models first."""
    found = Table(title=f"{len(costs)} models, most expensive first", title_justify="left")
    found.add_column("model", no_wrap=True)
    for heading in ("share of time", "peak MiB", "rows read", "rows written"):
        found.add_column(heading, justify="right")
    whole = sum(cost.seconds for cost in costs.values())
    for name, cost in sorted(costs.items(), key=lambda item: -item[1].seconds)[:rows]:
        mib = f"{cost.memory / 2**20:,.0f}"
        found.add_row(name, f"{cost.seconds / whole:.1%}", mib, f"{cost.read_rows:,}", f"{cost.written_rows:,}")
    return found


@click.command()
@click.option("--creators", default=2000, show_default=True)
@click.option("--days", default=90, show_default=True)
@click.option("--rows", default=200, show_default=True, help="Models to print.")
@click.option("--tests/--no-tests", default=True, show_default=True, help="Run the data and unit tests as well.")
@click.option("--threads", default=4, show_default=True, help="Models that are built at once.")
def main(creators: int, days: int, rows: int, tests: bool, threads: int) -> None:
    """Build all models on a world of that size in a state folder of its own and print what they cost."""
    settings = ensure_services(load_settings()).model_copy(update={"clickhouse_threads": threads})
    stages, console = Stages(), Console(width=None if Console().is_terminal else 120)
    with stages.stage("world"):
        make(settings, WorldParameters(creators=creators, days=days, end=midnight()), replace=True)
    with connections.clickhouse(settings) as client:
        drop_database(client, settings.clickhouse_database)
    without = () if tests else ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    first, busy = build(settings, stages, "build", "build", *without)
    with connections.clickhouse(settings) as client:
        costs = read_latest_builds(client, settings.clickhouse_database)
    again, busy_again = build(settings, stages, "run again", "run")
    console.print(table(costs, rows))
    outside = 1 - busy / first
    most = max(costs.values(), key=lambda cost: cost.memory)
    for line in (
        f"world                       {creators:,} creators x {days} days",
        f"build from nothing          {first:.1f} s, outside ClickHouse {outside:.0%}",
        f"run of everything again     {again / first:.2f}x of it, outside ClickHouse {1 - busy_again / again:.0%}",
        f"highest memory of a model   {most.memory / 2**20:,.0f} MiB",
        f"beyond budget               {', '.join(beyond(costs, read_budgets(), creator_days(settings))) or 'none'}",
        f"cores                       {psutil.cpu_count()}",
    ):
        console.print(line, highlight=False)
    stop_services(settings)


if __name__ == "__main__":
    main()
