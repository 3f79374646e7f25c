"""The whole project on two shards beside one server: every table must have the same rows, and how many lie where.

Both build the same world as of the same moment, first whole, then after one more hour. Statements ON CLUSTER and
replication are not part of it: docs/cluster.md says what is proven.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import click
from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.table import Table

from bench.contenders.two_shards import CLUSTER, TwoShards
from stir import clock, connections
from stir.cli.stages import Stages
from stir.connections import quoted_table
from stir.local import ensure_services, stop_services
from stir.operations.backfill.tables import drop_database
from stir.settings import Settings, load_settings
from stir.sources.cluster import LOCAL, create_on_cluster
from stir.sources.contract import contracts
from stir.transform.runner import run_dbt
from stir.world import WorldParameters, advance, make
from stir.world.parameters import midnight

ROWS = "select count(), sum(cityHash64(formatRow('TSV', {columns}))) from {table}"
"""Floating-point numbers are compared to nine digits: shards add them in another order."""


@dataclass(frozen=True)
class Compared:
    """One table: its rows on one server, on the cluster and on shard 2 alone, and whether all values are the same."""

    name: str
    rows: int
    cluster_rows: int
    second_rows: int
    is_same: bool


def copy_sources(settings: Settings, shards: TwoShards) -> None:
    """Fill the cluster's source tables with the rows of the one server, after whatever they held is gone."""
    with connections.clickhouse(settings) as client:
        for database in dict.fromkeys(each.database for each in contracts()):
            shards.ask(f'drop database if exists {database} on cluster "{CLUSTER}" sync')
        for statement in create_on_cluster(contracts(), CLUSTER):
            shards.ask(statement)
        for each in contracts():
            table = quoted_table(each.database, each.table)
            columns = ", ".join(f"`{field.name}`" for field in each.fields)
            if rows := client.raw_query(f"select {columns} from {table}", fmt="Native"):
                shards.ask(f"insert into {table} ({columns}) format Native", rows)


def build(settings: Settings, arguments: list[str], shards: TwoShards | None = None) -> None:
    """Build the models on the one server, or on the cluster."""
    there = {
        "STIR_DBT_TARGET": "cluster",
        "STIR_CLICKHOUSE_CLUSTER": CLUSTER,
        "STIR_CLICKHOUSE_HOST": shards.host,
        "STIR_CLICKHOUSE_PORT": str(shards.port),
        "STIR_CLICKHOUSE_USER": shards.user,
        "STIR_CLICKHOUSE_PASSWORD": shards.password,
        "STIR_CLICKHOUSE_SECURE": "false",
        "DBT_TARGET_PATH": str(settings.state_dir / "cluster" / "target"),
    } if shards else {}  # fmt: skip
    run_dbt(settings, arguments, extra_environment=there).raise_for_failure()


def compare(settings: Settings, client: Client, shards: TwoShards) -> Iterator[Compared]:
    """Every table of the warehouse, on both."""
    database = settings.clickhouse_database
    tables = client.query(
        "select t.name, t.engine, groupArray((c.name, c.type)) from system.tables as t inner join system.columns as c"
        " on c.database = t.database and c.table = t.name where t.database = {database:String}"
        " and not endsWith(t.engine, 'View') group by all order by t.name",
        parameters={"database": database},
    ).result_rows
    for name, engine, columns in tables:
        if name == "data_freshness":  # holds the moments of the builds themselves
            continue
        # `made_of` names the tables of its own server.
        shown = ", ".join(_shown(*column) for column in columns if column[0] != "made_of")
        final = " final" if "Replacing" in engine else ""
        question = ROWS.format(columns=shown, table=quoted_table(database, name) + final)
        here = [str(value) for value in client.query(question).result_rows[0]]
        there = shards.ask(question).decode().split()
        part = quoted_table(database, name + LOCAL)
        is_spread = shards.ask(f"exists table {part}", shard=2).strip() == b"1"
        second = shards.ask(f"select count() from {part}", shard=2) if is_spread else b"0"
        yield Compared(name, int(here[0]), int(there[0]), int(second), here == there)


def _shown(name: str, kind: str) -> str:
    column = f"`{name}`"
    return f"toString(round({column}, 9))" if re.search(r"^(Nullable\()?Float", kind) else column


def table(found: list[Compared], title: str) -> Table:
    """The tables that are spread or differ, and a sum of all."""
    shown = Table(title=title, title_justify="left")
    for heading in ("table", "one server", "two shards", "of them on shard 2", "values"):
        shown.add_column(heading, justify="left" if heading in ("table", "values") else "right")
    for each in found:
        if each.second_rows or not each.is_same:
            said = "the same" if each.is_same else "DIFFER"
            shown.add_row(each.name, f"{each.rows:,}", f"{each.cluster_rows:,}", f"{each.second_rows:,}", said)
    shown.add_section()
    same = sum(each.is_same for each in found)
    rows = [sum(values) for values in zip(*((e.rows, e.cluster_rows, e.second_rows) for e in found), strict=True)]
    shown.add_row(f"{len(found)} tables", *(f"{count:,}" for count in rows), f"{same} the same")
    return shown


@click.command()
@click.option("--creators", default=60, show_default=True)
@click.option("--days", default=40, show_default=True)
@click.option("--select", default="", help="Only these models of dbt.")
def main(creators: int, days: int, select: str) -> None:
    """Build on both and compare."""
    settings, stages, console = ensure_services(load_settings()), Stages(), Console()
    arguments = ["run", *(["--select", select] if select else [])]
    folder = settings.state_dir / "cluster"
    shutil.rmtree(folder, ignore_errors=True)
    with stages.stage("world"):
        make(settings, WorldParameters(creators=creators, days=days, end=midnight() - timedelta(days=1)), replace=True)
    differing = 0
    with TwoShards(settings, folder) as shards, connections.clickhouse(settings) as client:
        drop_database(client, settings.clickhouse_database)
        for title in ("whole build", "one more hour"):
            if title != "whole build":
                with stages.stage("one more hour"):
                    advance(settings, 1)
            now = settings.model_copy(update={"as_of": clock.now(settings).isoformat(timespec="seconds")})
            with stages.stage(f"{title}: sources to the shards"):
                copy_sources(settings, shards)
            for place in (None, shards):
                with stages.stage(f"{title}: {'two shards' if place else 'one server'}"):
                    build(now, ["seed"], place)
                    build(now, arguments, place)
            found = list(compare(settings, client, shards))
            console.print(table(found, title))
            differing += sum(not each.is_same for each in found)
    stop_services(settings)
    if differing:
        raise SystemExit(f"{differing} tables differ")


if __name__ == "__main__":
    main()
