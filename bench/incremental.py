"""What an increment of staging and account activity reads after 1x, 10x and 100x the days: rows, bytes, memory.

The same creators each time, so that the same comes in an hour. Rows and bytes are counted by ClickHouse; seconds depend
on the machine and stand beside them.
"""

from __future__ import annotations

from datetime import timedelta

import click
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.cli.stages import Stages
from stir.local import ensure_services, stop_services
from stir.operations.backfill.tables import drop_database
from stir.settings import Settings, load_settings
from stir.transform.costs import NodeCost, read_latest_builds
from stir.transform.runner import run_dbt
from stir.world import WorldParameters, advance, make
from stir.world.parameters import midnight

ACTIVITY = ("mart_instagram_account_activity", "mart_youtube_account_activity")
"""Tables that take over what nothing touched (docs/decisions/0071)."""

MODELS = ("staging,config.materialized:incremental", *ACTIVITY)
AT_MOST = 1.2
"""Times the rows of the shortest history."""


def increment(settings: Settings, stages: Stages, creators: int, days: int) -> dict[str, NodeCost]:
    """The cost of each model's increment of one hour after so many days."""
    with stages.stage(f"world of {days:,} days"):
        make(settings, WorldParameters(creators=creators, days=days, end=midnight() - timedelta(days=1)), replace=True)
    with connections.clickhouse(settings) as client:
        drop_database(client, settings.clickhouse_database)
    with stages.stage("build, and two hours"):
        run_dbt(settings, ["seed"]).raise_for_failure()
        run_dbt(settings, ["run", "--select", MODELS[0], *(f"+{mart}" for mart in ACTIVITY)]).raise_for_failure()
        advance(settings, 2)
        run_dbt(settings, ["run", "--select", *MODELS]).raise_for_failure()
        advance(settings, 1)
    with stages.stage("increment"):
        run_dbt(settings, ["run", "--select", *MODELS]).raise_for_failure()
    with connections.clickhouse(settings) as client:
        costs = read_latest_builds(client, settings.clickhouse_database)
    return {name: cost for name, cost in costs.items() if cost.is_increment or name in ACTIVITY}


def table(found: dict[int, dict[str, NodeCost]]) -> Table:
    """Rows read by model and history, and the growth from the shortest to the longest."""
    shortest, longest = min(found), max(found)
    shown = Table(title="rows read by one increment", title_justify="left")
    shown.add_column("model", no_wrap=True)
    for days in found:
        shown.add_column(f"{days:,} days", justify="right")
    for heading in ("growth", "read per written", "MiB read", "peak MiB", "seconds"):
        shown.add_column(heading, justify="right")
    for name, last in sorted(found[longest].items()):
        first = found[shortest][name]
        shown.add_row(
            name,
            *(f"{costs[name].read_rows:,}" for costs in found.values()),
            f"{last.read_rows / max(first.read_rows, 1):.2f}x",
            f"{last.read_per_written:,.0f}",
            f"{last.read_bytes / 2**20:,.1f}",
            f"{last.memory / 2**20:,.0f}",
            f"{last.seconds:.2f}",
        )
    return shown


@click.command()
@click.option("--creators", default=60, show_default=True)
@click.option("--days", default=30, show_default=True, help="Days of the shortest history.")
@click.option("--times", default="1,10,100", show_default=True, help="Histories, as multiples of it.")
def main(creators: int, days: int, times: str) -> None:
    """Print what an increment reads after each history."""
    settings, stages = ensure_services(load_settings()), Stages()
    console = Console(width=None if Console().is_terminal else 160)
    found = {days * int(each): increment(settings, stages, creators, days * int(each)) for each in times.split(",")}
    console.print(table(found))
    sums = {length: sum(cost.read_rows for cost in costs.values()) for length, costs in found.items()}
    growth = sums[max(sums)] / sums[min(sums)]
    verdict = "within" if growth <= AT_MOST else "beyond"
    console.print(f"all models: {growth:.2f}x, {verdict} {AT_MOST}x", highlight=False)
    stop_services(settings)


if __name__ == "__main__":
    main()
