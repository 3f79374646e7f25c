"""Whatever the sources send: the build ends, every row is counted, no impossible value comes out, publishing goes on.

`./stir chaos sources --minutes M --seed S` runs this on a world of its own; it belongs to no check of the suite.
"""

from __future__ import annotations

import os
import random
import re
import time
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.chaos.hostile_rows import insert
from tests.conftest import CLOCK
from tests.integration.dbt import test_rejects

from stir import connections
from stir.errors import StirError
from stir.publish import SPECS, PublishSpec, publish
from stir.sources.contract import contracts
from stir.transform.runner import run_dbt
from stir.world import WorldParameters, make
from stir.world.warehouse import build_warehouse

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.settings import Settings

SECONDS = 60 * float(os.environ.get("CHAOS_MINUTES", "0"))
SEED = int(os.environ.get("CHAOS_SEED", "7"))
ROWS = 120
"""Hostile rows of each source and round."""
BELOW_ZERO = re.compile(r"change|growth|movement|_because_|rank_|_version")
"""Columns that may be negative: differences."""


@pytest.fixture(scope="module")
def client(settings: Settings) -> Client:
    """Over a small world of its own, built once as upstream should have sent it."""
    make(settings, WorldParameters(creators=60, days=30, seed=SEED, end=CLOCK))
    build_warehouse(settings)
    return connections.clickhouse(settings)


def conditions(name: str, kind: str) -> list[str]:
    """What no value of the column may be, as SQL."""
    column = f"`{name}`"
    plain = kind.removeprefix("Nullable(").removeprefix("LowCardinality(")
    if plain.startswith("Int128") or name == "_version":
        return []
    if plain.startswith(("Int", "UInt", "Float", "Decimal")):
        found = [f"not isFinite(toFloat64({column}))", f"abs(toFloat64({column})) > 1.0001e18"]
        # An id is the product's own name of something and no amount.
        may_be_negative = BELOW_ZERO.search(name) or name.endswith("_id")
        return found if may_be_negative else [*found, f"{column} < 0"]
    if plain.startswith(("Date", "DateTime")):
        # The first day of 2005 is in the week that began on a Sunday of 2004.
        return [f"toYear({column}) >= 2100", f"toDate({column}) < '2004-12-26' and toYear({column}) != 1970"]
    if plain.startswith("String"):
        return [f"position({column}, char(0)) > 0", f"not isValidUTF8({column})"]
    if plain.startswith("Map(") and re.search(r"Float|Int", plain.partition(",")[2]):
        return [f"arrayExists(value -> not isFinite(toFloat64(ifNull(value, 0))), mapValues({column}))"]
    return []


def impossible(client: Client, database: str, table: str) -> dict[str, int]:
    """Rows with an impossible value in a table, by column."""
    query = "select name, type from system.columns where database = {database:String} and table = {table:String}"
    columns = client.query(query, parameters={"database": database, "table": table}).result_rows
    asked = {name: " or ".join(found) for name, kind in columns if (found := conditions(name, kind))}
    counts = ", ".join(f"countIf(ifNull({condition}, false))" for condition in asked.values())
    row = client.query(f"select {counts} from {connections.quoted_table(database, table)}").first_row
    return {name: count for name, count in zip(asked, row, strict=True) if count}


def published(settings: Settings, spec: PublishSpec) -> str:
    """What became of a publish, or why it was refused."""
    try:
        return publish(settings, spec).outcome
    except StirError as refusal:
        return refusal.line


def test_whatever_the_sources_send_is_counted_or_taken_and_published(client: Client, settings: Settings) -> None:
    draw, ends, rounds, planted = random.Random(SEED), time.monotonic() + SECONDS, 0, 0  # noqa: S311
    database = settings.clickhouse_database
    while not rounds or time.monotonic() < ends:
        rounds += 1
        planted += sum(insert(client, contract, CLOCK, ROWS, draw) for contract in contracts())
        run_dbt(settings, ["run", "--no-write-json"]).raise_for_failure()
        test_rejects.test_every_row_of_every_source_is_staged_or_counted_with_its_reason(client, settings)
        found = {spec.mart: impossible(client, database, spec.mart) for spec in SPECS.values()}
        assert {mart: columns for mart, columns in found.items() if columns} == {}
        said = [published(settings, spec) for spec in SPECS.values()]
        # A guard that finds the new generation strange does its work.
        assert [line for line in said if line not in ("published", "unchanged") and "--allow" not in line] == []
        Console().print(f"round {rounds}: {planted:,} hostile rows, {len(SPECS)} tables published", markup=False)
