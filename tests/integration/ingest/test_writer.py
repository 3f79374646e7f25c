"""The writer inserts rows once per token, and leaves out only the rows that ClickHouse refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from stir import connections
from stir.ingest.writer import RowsRefused, ensure_tokens, insert, insert_isolating
from stir.settings import Settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

TABLE = "written_here.numbers"


@pytest.fixture
def client(settings: Settings) -> Iterator[Client]:
    """A client, with an empty table of a number per month whose rows may not be 13."""
    with connections.clickhouse(settings) as client:
        client.command("create database if not exists written_here")
        client.command(f"drop table if exists {TABLE} sync")
        client.command(
            f"create table {TABLE} (number UInt8, day Date, constraint lucky check number != 13)"
            " engine = MergeTree partition by toYYYYMM(day) order by number"
        )
        yield client
        client.command("drop database written_here sync")


def _rows(numbers: Any, day: str = "2026-01-01") -> list[dict[str, Any]]:
    from datetime import date

    return [{"number": number, "day": date.fromisoformat(day)} for number in numbers]


def _count(client: Client) -> int:
    return int(client.query(f"select count() from {TABLE}").result_rows[0][0])


def test_rows_are_inserted_once_per_token_also_over_two_months(client: Client) -> None:
    ensure_tokens(client, TABLE)
    rows = [*_rows(range(5)), *_rows(range(5), "2026-02-01")]
    for _ in range(3):
        assert insert(client, TABLE, rows, "first") == 10
    assert _count(client) == 10
    insert(client, TABLE, rows, "second")
    assert _count(client) == 20


def test_a_block_may_have_rows_of_more_months_than_clickhouse_allows_by_default(client: Client) -> None:
    ensure_tokens(client, TABLE)
    rows = [row for year in range(2006, 2018) for month in range(1, 13) for row in _rows([1], f"{year}-{month:02}-01")]
    assert insert(client, TABLE, rows, "years") == 144
    assert _count(client) == 144


def test_a_value_that_is_none_of_its_column_is_refused_and_not_retried(client: Client) -> None:
    for bad in (13, 256, -1, "a word", None):
        with pytest.raises(RowsRefused):
            insert(client, TABLE, _rows([1, bad]), f"bad {bad}")
    assert _count(client) == 0


def test_an_error_of_the_server_is_no_refusal(client: Client) -> None:
    with pytest.raises(Exception, match="nowhere") as caught:
        insert(client, "written_here.nowhere", _rows([1]), "away")
    assert not isinstance(caught.value, RowsRefused)


def test_refused_rows_are_isolated_and_the_same_batch_again_adds_nothing(client: Client) -> None:
    ensure_tokens(client, TABLE)
    numbers: list[Any] = list(range(100))
    numbers[50], numbers[99] = "a word", 300
    for _ in range(2):
        refused: dict[int, str] = {}
        assert insert_isolating(client, TABLE, _rows(numbers), "batch", refused.__setitem__) == 97
        assert sorted(refused) == [13, 50, 99]
        assert "lucky" in refused[13]
    assert _count(client) == 97
