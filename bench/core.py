"""One run of the core models after an hour of news, with 10k, 100k and more creators: growth by size.

The first build is not the subject and is not measured. A run is that of `dbt_core` on the same day: what arrived in the
hour is read, histories are not (docs/decisions/0071). "Outside" is the share of the wall time without a statement of
the run in ClickHouse: dbt's start, parsing and compiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import click
import psutil
from rich.console import Console
from rich.table import Table

from bench.models import build
from stir import connections
from stir.cli.stages import Stages
from stir.local import ensure_services, stop_services
from stir.operations.backfill.tables import drop_database
from stir.settings import Settings, load_settings
from stir.transform.costs import NodeCost, read_latest_builds
from stir.transform.manifest import read_dbt_manifest
from stir.world import WorldParameters, advance, make
from stir.world.parameters import midnight

CORE = ("run", "--select", "tag:core")
SHOWN = 8
"""Models in the table of the most expensive ones."""


@dataclass(frozen=True)
class Run:
    """What one run of the core models cost."""

    seconds: float
    busy: float
    costs: dict[str, NodeCost]

    @property
    def read_rows(self) -> int:
        return sum(cost.read_rows for cost in self.costs.values())

    @property
    def memory(self) -> int:
        return max(cost.memory for cost in self.costs.values())


def measure(settings: Settings, stages: Stages, creators: int, days: int) -> Run:
    """The second of two runs on one day, with an hour of news each, on a world of that size."""
    with stages.stage(f"world of {creators:,} creators"):
        make(settings, WorldParameters(creators=creators, days=days, end=midnight() - timedelta(days=1)), replace=True)
    with connections.clickhouse(settings) as client:
        drop_database(client, settings.clickhouse_database)
    build(settings, stages, "reference lists", "seed")
    build(settings, stages, "first build", "run", "--select", "+tag:core")
    for _ in range(2):
        advance(settings, 1)
        seconds, busy = build(settings, stages, "run of core", *CORE)
    with connections.clickhouse(settings) as client:
        costs = read_latest_builds(client, settings.clickhouse_database)
    models = read_dbt_manifest(settings).models
    return Run(seconds, busy, {name: cost for name, cost in costs.items() if "core" in models[name].cadences})


def by_size(found: dict[int, Run]) -> Table:
    """One line for each size, with the growth from the one before it."""
    shown = Table(title="one run of tag:core after an hour of news", title_justify="left")
    for heading in ("creators", "seconds", "growth", "outside", "rows read", "growth", "MiB read", "peak MiB"):
        shown.add_column(heading, justify="right")
    before: Run | None = None
    for creators, run in found.items():
        shown.add_row(
            f"{creators:,}",
            f"{run.seconds:.1f}",
            f"{run.seconds / before.seconds:.2f}x" if before else "",
            f"{1 - run.busy / run.seconds:.0%}",
            f"{run.read_rows:,}",
            f"{run.read_rows / before.read_rows:.2f}x" if before else "",
            f"{sum(cost.read_bytes for cost in run.costs.values()) / 2**20:,.0f}",
            f"{run.memory / 2**20:,.0f}",
        )
        before = run
    return shown


def by_model(found: dict[int, Run]) -> Table:
    """The models that take most at the greatest size."""
    shown = Table(title="most expensive models, seconds by creators", title_justify="left")
    shown.add_column("model", no_wrap=True)
    for creators in found:
        shown.add_column(f"{creators:,}", justify="right")
    last = found[max(found)].costs
    for name in sorted(last, key=lambda name: -last[name].seconds)[:SHOWN]:
        shown.add_row(name, *(f"{run.costs[name].seconds:.2f}" for run in found.values()))
    return shown


@click.command()
@click.option("--creators", default="10000,100000", show_default=True, help="Sizes, from the smallest to the greatest.")
@click.option("--days", default=30, show_default=True, help="Days of history.")
def main(creators: str, days: int) -> None:
    """Print what a run of the core models costs at each size, and its growth."""
    settings, stages = ensure_services(load_settings(), ("clickhouse",)), Stages()
    console = Console(width=None if Console().is_terminal else 120)
    found = {int(size): measure(settings, stages, int(size), days) for size in creators.split(",")}
    console.print(by_size(found))
    console.print(by_model(found))
    console.print(f"history                     {days} days", highlight=False)
    console.print(f"cores                       {psutil.cpu_count()}", highlight=False)
    stop_services(settings)


if __name__ == "__main__":
    main()
