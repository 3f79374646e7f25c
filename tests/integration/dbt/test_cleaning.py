"""No number, moment or text that cannot be comes out of a copied table, whichever column it stands in, and each is
counted: the columns are those of the source tables, not a list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from stir import connections
from stir.settings import Settings
from stir.sources.tables import TABLES, quoted
from stir.transform.rejects import TABLE
from stir.transform.runner import run_dbt

from .impossible import ALSO, ELSEWHERE, KEYS, PLANTED, TIMED
from .planted import put_back
from .test_direct_sources import DIRECT

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.world.warehouse import Build

LEAST, GREATEST = datetime(2005, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
UNTOUCHED = {"updated_at", "priority"}
"""The time of the row decides whether it is read at all, and jobs have any order."""


def _is_planted(name: str) -> bool:
    """Ids are no numbers."""
    return name not in UNTOUCHED and name != "id" and not name.endswith("_id")


@pytest.fixture(scope="module")
def client(settings: Settings, warehouse: Build) -> Client:
    return connections.clickhouse(settings)


def _columns(client: Client, source: str) -> dict[str, str]:
    database, table = source.split(".")
    query = f"select name, type from system.columns where database = '{database}' and table = '{table}'"
    return {name: kind.removeprefix("Nullable(") for name, kind in client.query(query).result_rows}


def _rows(model: str, columns: dict[str, str], moment: datetime) -> list[dict[str, Any]]:
    source, key, _, form = KEYS[model]
    rows = []
    for number in range(4):
        time = TIMED.get(source, "updated_at")
        row: dict[str, Any] = {"id": -1 - number, time: moment - timedelta(hours=1), key: _key(form, number)}
        row |= {name: "INSTAGRAM" for name in columns if name in ("platform", "entity_type")}
        given = {
            name: value[number] if isinstance(value, list) else value for name, value in ALSO.get(model, {}).items()
        }
        row |= given
        for name, kind in columns.items():
            planted = PLANTED.get(kind.split("(")[0].rstrip(")"))
            if planted and name not in row and _is_planted(name):
                row[name] = planted[number]
        if "duration" in columns:
            row["duration"] = ["4:13", "PT", "P1X", "PT99999999999S"][number]
        rows.append(row)
    return rows


LONG = 3000 * "\u0e01"
"""Text that no index takes."""

LONG_KEYS = {
    "stg_beat_post_log": ("events.post_log_events", ("event_id", "profile_id", "shortcode")),
    "stg_beat_profile_log": ("events.profile_log_events", ("event_id", "profile_id")),
    "stg_coffee_post_collection": ("coffee_replica.post_collection", ("id", "share_id")),
    "stg_coffee_keyword_collection": ("coffee_replica.keyword_collection", ("id", "share_id")),
    "stg_coffee_profile_collection": ("coffee_replica.profile_collection", ("share_id",)),
    "stg_coffee_collection_group": ("coffee_replica.collection_group", ("share_id",)),
    "stg_coffee_post_collection_item": ("coffee_replica.post_collection_item", ("post_collection_id", "short_code")),
}
"""Staging model: its source, and text columns that end in a key or an index of a published table."""
MARK = "hostile length"
"""In a column of each planted row, to find it again."""


def _long_rows(source: str, columns: tuple[str, ...], moment: datetime) -> list[dict[str, Any]]:
    """One row for each of the columns, with long text there."""
    at = moment - timedelta(hours=1)
    if source.startswith("events"):
        usual: dict[str, Any] = dict.fromkeys(columns, "9") | {
            "source": MARK,
            "platform": "INSTAGRAM",
            "event_timestamp": at,
            "insert_timestamp": at,
            "metrics": '{"likes": 1, "followers": 1}',
        }
        return [usual | {name: LONG} for name in columns]
    usual = {"created_by": MARK, "created_at": at, "updated_at": at}
    text_id = "id" in columns
    return [
        usual | {"id": f"long{number}" if text_id else -101 - number} | {name: LONG}
        for number, name in enumerate(columns)
    ]


@pytest.fixture(scope="module")
def lengths(client: Client, settings: Settings) -> Iterator[dict[str, dict[tuple[str, str], int]]]:
    """What was counted more of each source, with rows of long text in it."""
    assert settings.as_of
    moment = datetime.fromisoformat(settings.as_of).astimezone(UTC)
    before = {source: _all_counts(client, settings, source) for source, _ in LONG_KEYS.values()}
    with put_back(client, settings.clickhouse_database, LONG_KEYS):
        try:
            for source, columns in LONG_KEYS.values():
                for row in _long_rows(source, columns, moment):
                    client.insert(source, [list(row.values())], column_names=list(row))
            run_dbt(settings, ["run", "--no-write-json", "--select", *LONG_KEYS]).raise_for_failure()
            after = {source: _all_counts(client, settings, source) for source in before}
            yield {
                source: {what: n - before[source].get(what, 0) for what, n in after[source].items()} for source in after
            }
        finally:
            for source, _ in LONG_KEYS.values():
                column = "source" if source.startswith("events") else "created_by"
                client.command(f"delete from {source} where {column} = '{MARK}'")
    assert {source: _all_counts(client, settings, source) for source in before} == before


def _all_counts(client: Client, settings: Settings, source: str) -> dict[tuple[str, str], int]:
    rows = client.query(
        f"select outcome, reason, sum(row_count) from {settings.clickhouse_database}.{TABLE} final"
        f" where source_table = '{source}' group by outcome, reason having sum(row_count) > 0"
    ).result_rows
    return {(outcome, reason): int(count) for outcome, reason, count in rows}


@pytest.mark.parametrize("model", LONG_KEYS)
def test_no_text_that_an_index_refuses_comes_out_of_staging(
    client: Client, settings: Settings, lengths: dict[str, dict[tuple[str, str], int]], model: str
) -> None:
    source, columns = LONG_KEYS[model]
    names = ["shortcode" if name == "short_code" else name for name in columns]
    longest = ", ".join(f"max(length(ifNull(toString({name}), '')))" for name in names)
    query = f"select {longest} from {settings.clickhouse_database}.{model}"

    assert all(0 < length <= 255 for length in client.query(query).first_row)
    counts = lengths[source]
    reported = counts.get(("refused", "missing_key"), 0) + counts.get(("emptied", "too_long"), 0)
    assert reported == len(columns)


@pytest.fixture(scope="module")
def planted(client: Client, settings: Settings) -> Iterator[dict[str, dict[str, int]]]:
    """Four rows with impossible values in every number and moment of each source; what was counted, by source."""
    assert settings.as_of
    moment = datetime.fromisoformat(settings.as_of).astimezone(UTC)
    before = {source: _emptied(client, settings, source) for source, *_ in KEYS.values()}
    where = {source: f"{key} in {_planted_keys(form)}" for source, key, _, form in KEYS.values()}
    for model, (source, *_) in KEYS.items():
        rows = _rows(model, _columns(client, source), moment)
        client.insert(quoted(source), [list(row.values()) for row in rows], column_names=list(rows[0]))
    with put_back(client, settings.clickhouse_database, KEYS):
        try:
            run_dbt(settings, ["run", "--no-write-json", "--select", *KEYS]).raise_for_failure()
            after = {source: _emptied(client, settings, source) for source in before}
            yield {
                source: {why: after[source][why] - before[source].get(why, 0) for why in after[source]}
                for source in after
            }
        finally:
            for source, condition in where.items():
                client.command(f"delete from {quoted(source)} where {condition}")
    assert {source: _emptied(client, settings, source) for source in before} == before


def _key(form: str, number: int) -> str | int:
    return form.format(number) if form else -1 - number


def _planted_keys(form: str) -> tuple[str | int, ...]:
    return tuple(_key(form, number) for number in range(4))


def _emptied(client: Client, settings: Settings, source: str) -> dict[str, int]:
    rows = client.query(
        f"select reason, sum(row_count) from {settings.clickhouse_database}.{TABLE} final"
        f" where source_table = '{source}' and outcome = 'emptied' group by reason having sum(row_count) > 0"
    ).result_rows
    return {reason: int(count) for reason, count in rows}


def _is_possible(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, (int, float)):
        return 0 <= value <= 9 * 10**15
    if isinstance(value, str):
        return "\0" not in value
    return not isinstance(value, datetime) or LEAST <= value.astimezone(UTC) < GREATEST


@pytest.mark.parametrize("model", KEYS)
def test_nothing_impossible_comes_out_of_a_copied_table(
    client: Client, settings: Settings, planted: dict[str, dict[str, int]], model: str
) -> None:
    source, _, key, form = KEYS[model]
    engine = client.query(
        f"select engine from system.tables where database = '{settings.clickhouse_database}' and name = '{model}'"
    ).first_row[0]
    final = "final" if engine.startswith("Replacing") else ""
    query = f"select * from {settings.clickhouse_database}.{model} {final} where {key} in {_planted_keys(form)}"
    rows = list(client.query(query, query_tz="UTC").named_results())

    assert len(rows) == 4
    found = [
        (row[key], name, value)
        for row in rows
        for name, value in row.items()
        if (isinstance(value, str) or _is_planted(name)) and name != "_version" and not _is_possible(value)
    ]
    assert found == []
    kinds = {
        kind.split("(")[0].rstrip(")")
        for name, kind in _columns(client, source).items()
        if _is_planted(name) and name not in (key, TIMED.get(source)) and ALSO.get(model, {}).get(name, "") is not None
    }
    counted = planted[source]
    if "DateTime64" in kinds:
        assert counted["impossible_timestamp"] == 4
    if kinds & {"Int32", "Int64", "Float64"} or any(isinstance(value, list) for value in ALSO.get(model, {}).values()):
        assert counted["impossible_number"] == 4


def test_impossible_values_are_planted_into_every_source() -> None:
    here, there = {source for source, *_ in KEYS.values()}, {direct.source for direct in DIRECT.values()}

    assert {table.name for table in TABLES} == here | there | set(ELSEWHERE)
    assert not (here | there) & set(ELSEWHERE)
