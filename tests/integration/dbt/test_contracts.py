"""A model is held against its contract before it is built, and that computes nothing of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from stir import connections
from stir.settings import Settings

from .planted import own_database, plant, run_planted, tables

VIEW = "{{ config(materialized='view', tags=['core']) }}\n"
SORTED = "{{ config(engine='MergeTree', order_by='id', tags=['core']) }}\n"
COMPUTED = "(select toInt64(throwIf(number = 0, 'computed')) from numbers(1))"
"""Looked up in the key of a sorted table, it is computed for any select from it, even for one of no rows."""
MODELS = {
    "other_type": VIEW + "select toUInt8(1) as id, 'a' as name",
    "one_less": VIEW + "select toInt64(1) as id",
    "one_more": VIEW + "select toInt64(1) as id, 'a' as name, 2 as unannounced",
    "sorted_rows": SORTED + "select toInt64(number) as id, 'a' as name from numbers(3)",
    "read_twice": SORTED + "select toInt64(number) as id, 'a' as name from numbers(3)",
    "united": SORTED.replace("tags", "query_settings={'enable_materialized_cte': 1}, tags")
    + """with known as materialized (select id from {{ ref('read_twice') }})
    select id, name from {{ ref('read_twice') }} where id in (select id from known)
    union all
    select id, name from {{ ref('read_twice') }} where id not in (select id from known)""",
    "dear": VIEW + "select id, name from {{ ref('sorted_rows') }} where id in " + COMPUTED,
}
PROMISE = """
  - name: {name}
    config: {{contract: {{enforced: true}}}}
    columns: [{{name: id, data_type: Int64}}, {{name: name, data_type: String}}]
"""


@pytest.fixture(scope="module")
def own(settings: Settings) -> Iterator[Settings]:
    with own_database(settings, "contracts") as own:
        yield own


@pytest.fixture(scope="module")
def printed(own: Settings, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What dbt says of a run of all planted models."""
    promises = "models:" + "".join(PROMISE.format(name=name) for name in MODELS)
    return run_planted(own, plant(tmp_path_factory.mktemp("contracts"), MODELS, promises)).stdout


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("other_type", "| id | UInt8 | Int64 | data type mismatch |"),
        ("one_less", "| name | | String | missing in definition |"),
        ("one_more", "| unannounced | UInt8 | | missing in contract |"),
    ],
)
def test_a_model_with_a_broken_contract_is_not_built_and_the_column_is_named(
    printed: str, own: Settings, model: str, row: str
) -> None:
    assert model not in tables(own)
    assert row in " ".join(printed.split())


def test_a_model_that_keeps_its_contract_is_built_and_nothing_of_it_is_computed_before(
    printed: str, own: Settings
) -> None:
    assert tables(own) >= {"sorted_rows", "dear"}, printed[-2000:]
    with pytest.raises(DatabaseError, match="computed"):
        connections.clickhouse(own).query(f"select * from {own.clickhouse_database}.dear limit 0")


def test_nothing_holds_a_table_because_a_model_that_reads_it_was_held_against_its_contract(
    printed: str, own: Settings
) -> None:
    assert "united" in tables(own), printed[-2000:]
    # It would wait for a query that is never let go until the client gives up.
    connections.clickhouse(own).command(f"drop table {own.clickhouse_database}.read_twice sync")
    assert "read_twice" not in tables(own)
