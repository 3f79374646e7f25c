"""`stir models`: lists the models with grain, owner and cost."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.cli.working import READING, running_services, working
from stir.errors import StirError
from stir.settings import Settings, load_settings
from stir.transform.costs import NodeCost, beyond, read_budgets, read_latest_builds
from stir.transform.manifest import DbtManifest, read_dbt_manifest
from stir.transform.ownership import DAG_OF_CADENCE
from stir.world.history import creator_days


def describe(manifest: DbtManifest) -> list[dict[str, Any]]:
    """One record per model: its grain, its storage, its cadence and its DAG."""
    return [
        {
            "model": model.name,
            "family": model.family,
            "grain": list(manifest.grain(model)),
            "materialized": model.materialized,
            "tag": model.cadences[0],
            "dag": DAG_OF_CADENCE[model.cadences[0]],
        }
        for model in manifest.models.values()
    ]


def _costs(settings: Settings) -> dict[str, NodeCost]:
    with connections.clickhouse(settings) as client:
        return read_latest_builds(client, settings.clickhouse_database)


def _table(records: list[dict[str, Any]], costs: dict[str, NodeCost] | None) -> Table:
    table = Table(title=f"{len(records)} models", title_justify="left")
    for heading in ("model", "stored as", "tag"):
        table.add_column(heading, no_wrap=True)
    if costs is None:
        table.add_column("one row per")
    for heading in (
        () if costs is None else ("rows read", "MiB read", "rows written", "read per written", "peak MiB", "seconds")
    ):
        table.add_column(heading, justify="right")
    for record in records:
        first = (record["model"], record["materialized"], record["tag"])
        if costs is None:
            table.add_row(*first, ", ".join(record["grain"]))
        elif cost := costs.get(record["model"]):
            table.add_row(
                *first,
                f"{cost.read_rows:,}",
                f"{cost.read_bytes / 2**20:,.1f}",
                f"{cost.written_rows:,}",
                f"{cost.read_per_written:,.1f}",
                f"{cost.memory / 2**20:.0f}",
                f"{cost.seconds:.2f}",
            )
        else:
            table.add_row(*first, "not built", *[""] * 5)
    return table


@click.command()
@click.option(
    "--cost", is_flag=True, help="Cost of each model's latest build, from the query log; most expensive first."
)
@click.option("--check", is_flag=True, help="Fail if a model's latest build exceeds bench/model_budgets.toml.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def models(cost: bool, check: bool, as_json: bool) -> None:
    """List every model with its grain and owner.

    --cost adds what the latest build of each cost, and --check compares it with the budgets.
    """
    settings = load_settings()
    if cost or check:
        settings = running_services(("clickhouse",))
    with working("reading the query log"):
        costs = _costs(settings) if cost or check else None
    # The budgets come before parsing the project, because a check alone needs no manifest.
    faults = list(beyond(costs, read_budgets(), creator_days(settings))) if check and costs else []
    if check and not costs:
        raise StirError("the query log contains no build", do="run `./stir dbt build` first")
    if cost or not check:
        with working(READING):
            records = describe(read_dbt_manifest(settings))
        if costs is not None:
            known = costs
            records.sort(key=lambda record: -known[record["model"]].seconds if record["model"] in known else 1.0)
        if as_json:
            named = [
                {**record, **vars(costs[record["model"]])} if costs and record["model"] in costs else record
                for record in records
            ]
            click.echo(json.dumps(named, indent=2))
        else:
            # A pipe has no width of its own; 80 would cut the names.
            Console(width=None if sys.stdout.isatty() else 160).print(_table(records, costs))
    if faults:
        for fault in faults[1:]:
            click.echo(fault, err=True)
        raise StirError(f"{len(faults)} models exceed their budget: {faults[0]}", where="bench/model_budgets.toml")
    if check:
        click.echo(f"{len(costs or {})} models within budget", err=as_json)
