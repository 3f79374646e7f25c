"""The data test `values_between`: one for all bounds of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from stir import connections
from stir.transform.runner import run_dbt

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.settings import Settings
    from stir.world.warehouse import Build

MODEL = "mart_genre_overview"
PLANTED = "1999-01-01"
"""The month of the planted rows."""
ROWS = {
    "-1 as likes, nan as male_ratio": ["likes", "male_ratio"],
    "1.5 as female_ratio": ["female_ratio"],
    "0 as creators": ["creators"],
    "null as likes, 0 as comments, 1 as male_ratio, null as female_ratio": None,
}
"""What a row says, and the columns that are named; None where it is within its bounds."""


@pytest.fixture
def client(settings: Settings, warehouse: Build) -> Iterator[Client]:
    """A connection to the warehouse, from which the planted rows are removed at the end."""
    with connections.clickhouse(settings) as client:
        yield client
        table = f"{settings.clickhouse_database}.{MODEL}"
        client.command(f"alter table {table} delete where month = '{PLANTED}'", settings={"mutations_sync": 2})
        client.command(f"drop database if exists {settings.clickhouse_database}_dbt_test__audit")


def test_a_row_beyond_its_bounds_fails_the_one_test_of_its_model_and_names_its_columns(
    settings: Settings, client: Client
) -> None:
    table = f"{settings.clickhouse_database}.{MODEL}"
    for said in ROWS:
        client.command(f"insert into {table} select * replace ('{PLANTED}' as month, {said}) from {table} limit 1")

    run = run_dbt(settings, ["test", "--select", f"{MODEL},test_name:values_between", "--store-failures"])

    assert [node.status for node in run.nodes] == ["fail"]
    audit = f"{settings.clickhouse_database}_dbt_test__audit"
    [(kept,)] = client.query("select name from system.tables where database = {db:String}", {"db": audit}).result_rows
    found = [row[0] for row in client.query(f"select columns_outside from {audit}.{kept}").result_rows]
    assert sorted(found) == sorted(columns for columns in ROWS.values() if columns)
