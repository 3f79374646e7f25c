"""What an increment of staging, account activity, series and post marts reads after 1x, 10x and 100x the days.

The same creators each time, so that the same comes in an hour. ClickHouse counts rows, bytes and memory; seconds depend
on the machine and stand beside them.
"""

from __future__ import annotations

from datetime import timedelta

import click
from rich.console import Console
from rich.table import Table

from bench.models import build
from stir import connections
from stir.cli.stages import Stages
from stir.local import ensure_services, stop_services
from stir.operations.backfill.tables import drop_database
from stir.settings import Settings, load_settings
from stir.transform.costs import NodeCost, read_latest_builds
from stir.world import WorldParameters, advance, make
from stir.world.parameters import midnight

ACTIVITY = ("mart_instagram_account_activity", "mart_youtube_account_activity")
"""Tables that take over what nothing touched (docs/decisions/0071)."""

MARTS = (
    "mart_time_series",
    "mart_post_location",
    "mart_instagram_post_tagged",
    "mart_instagram_post_hashtags",
    "mart_collection_post_observation",
)
"""Incremental marts, with the series that the first is made of."""
SERIES = "mart_*_account_weekly mart_*_account_monthly"
MODELS = ("staging,config.materialized:incremental", *ACTIVITY, *SERIES.split(), *MARTS)
WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
AT_MOST = 1.2
"""Times the rows of the shortest history."""


def increment(settings: Settings, stages: Stages, world: WorldParameters) -> dict[str, NodeCost]:
    """The cost of each model's increment of one hour after a history."""
    with stages.stage(f"world of {world.days:,} days"):
        make(settings, world, replace=True)
    with connections.clickhouse(settings) as client:
        drop_database(client, settings.clickhouse_database)
    build(
        settings,
        stages,
        "first build",
        "build",
        *WITHOUT_TESTS,
        "--select",
        MODELS[0],
        *(f"+{mart}" for mart in MODELS[1:]),
    )
    for hours in (2, 1):
        advance(settings, hours)
        build(settings, stages, "increment", "run", "--select", *MODELS)
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
@click.option("--days", default=14, show_default=True, help="Days of the shortest history; a world has 1,500 at most.")
@click.option("--times", default="1,10,100", show_default=True, help="Histories, as multiples of it.")
def main(creators: int, days: int, times: str) -> None:
    """Print what an increment reads after each history."""
    end = midnight() - timedelta(days=1)
    worlds = [WorldParameters(creators=creators, days=days * int(each), end=end) for each in times.split(",")]
    settings, stages = ensure_services(load_settings(), ("clickhouse",)), Stages()
    console = Console(width=None if Console().is_terminal else 160)
    found = {world.days: increment(settings, stages, world) for world in worlds}
    console.print(table(found))
    sums = {length: sum(cost.read_rows for cost in costs.values()) for length, costs in found.items()}
    growth = sums[max(sums)] / sums[min(sums)]
    verdict = "within" if growth <= AT_MOST else "beyond"
    console.print(f"all models: {growth:.2f}x, {verdict} {AT_MOST}x", highlight=False)
    stop_services(settings)


if __name__ == "__main__":
    main()
