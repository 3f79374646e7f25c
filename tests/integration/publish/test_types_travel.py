"""Every type with its hostile values, from ClickHouse to PostgreSQL: the values, and the checksum of each column."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from math import inf, isnan
from typing import Any
from uuid import UUID

import pytest

from stir import connections
from stir.errors import StirError
from stir.publish import SPECS, ddl, publish, verify
from stir.publish.ledger import generations
from stir.publish.spec import Column, PublishSpec
from stir.publish.verification.content import content_of
from stir.settings import Settings

HOSTILE = "a\tb\nc\r\\N\\.'\"{}é😀\x1f\u2028"
SAME = None
"""PostgreSQL gives back what was put into ClickHouse."""


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


CASES: dict[str, tuple[str, list[Any], list[Any] | None]] = {
    "text": ("String", [HOSTILE, "\\N", "", "\\."], SAME),
    "maybe_text": ("Nullable(String)", ["", None, "=", "x"], SAME),
    "coded": ("LowCardinality(Nullable(String))", ["", None, "b", "b"], SAME),
    "kind": ("Enum8('one' = 1, 'it\\'s' = 2)", ["one", "it's", "one", "one"], SAME),
    "flag": ("Nullable(Bool)", [True, False, None, True], SAME),
    "tiny": ("Int8", [-128, 127, 0, 1], SAME),
    "byte": ("UInt8", [0, 255, 1, 2], SAME),
    "short": ("UInt16", [0, 65535, 1, 2], SAME),
    "int": ("Int32", [-(2**31), 2**31 - 1, 0, 1], SAME),
    "unsigned": ("UInt32", [0, 2**32 - 1, 1, 2], SAME),
    "long": ("Nullable(Int64)", [-(2**63), 2**63 - 1, None, 0], SAME),
    "huge": ("UInt64", [2**64 - 1, 0, 2**63, 1], SAME),
    "real": ("Float32", [0.5, 1.5, -0.0, 2.5], SAME),
    "ratio": ("Nullable(Float64)", ["inf", "-inf", "5e-324", None], [inf, -inf, 5e-324, None]),
    "large": ("Float64", [1e300, 0.1 + 0.2, 1e16, 123456789.123456789], SAME),
    "price": (
        "Nullable(Decimal(18, 4))",
        ["1.1", "-99999999999999.9999", None, "0"],
        [Decimal("1.1"), Decimal("-99999999999999.9999"), None, Decimal(0)],
    ),
    "day": (
        "Date",
        ["1970-01-01", "2149-06-06", "2026-03-29", "2000-02-29"],
        [date(1970, 1, 1), date(2149, 6, 6), date(2026, 3, 29), date(2000, 2, 29)],
    ),
    "early_day": (
        "Nullable(Date32)",
        ["1900-01-01", "2299-12-31", None, "2026-01-01"],
        [date(1900, 1, 1), date(2299, 12, 31), None, date(2026, 1, 1)],
    ),
    "moment": (
        "DateTime('UTC')",
        ["2026-03-29 01:30:00", "1970-01-01 00:00:00", "2106-02-07 06:28:15", "2026-10-25 01:30:00"],
        [_utc(2026, 3, 29, 1, 30), _utc(1970, 1, 1), _utc(2106, 2, 7, 6, 28, 15), _utc(2026, 10, 25, 1, 30)],
    ),
    # 02:30 comes twice on the night of 25 October in Berlin; these two are an hour apart.
    "berlin": (
        "Nullable(DateTime('Europe/Berlin'))",
        [1792888200, 1792891800, None, "2026-07-01 12:00:00"],
        [_utc(2026, 10, 25, 0, 30), _utc(2026, 10, 25, 1, 30), None, _utc(2026, 7, 1, 10)],
    ),
    "micro": (
        "DateTime64(6, 'UTC')",
        ["2026-06-15 00:00:00.000001", "2026-06-15 00:00:00.1", "1969-12-31 23:59:59.999999", "2026-06-15 00:00:00"],
        [
            _utc(2026, 6, 15, 0, 0, 0, 1),
            _utc(2026, 6, 15, 0, 0, 0, 100000),
            _utc(1969, 12, 31, 23, 59, 59, 999999),
            _utc(2026, 6, 15),
        ],
    ),
    "milli": (
        "Nullable(DateTime64(3, 'Asia/Kolkata'))",
        ["2026-06-15 05:30:00.123", None, "2026-06-15 05:30:00", "2026-01-01 00:00:00.999"],
        [_utc(2026, 6, 15, 0, 0, 0, 123000), None, _utc(2026, 6, 15), _utc(2025, 12, 31, 18, 30, 0, 999000)],
    ),
    "nano": (
        "DateTime64(9, 'UTC')",
        [
            "2026-06-15 00:00:00.123456999",
            "2026-06-15 00:00:00",
            "2000-01-01 00:00:00.000000999",
            "2026-06-15 00:00:01",
        ],
        [_utc(2026, 6, 15, 0, 0, 0, 123456), _utc(2026, 6, 15), _utc(2000, 1, 1), _utc(2026, 6, 15, 0, 0, 1)],
    ),
    "key": (
        "UUID",
        [str(UUID(int=0)), str(UUID(int=2**128 - 1)), str(UUID(int=1)), str(UUID(int=2**64))],
        [UUID(int=0), UUID(int=2**128 - 1), UUID(int=1), UUID(int=2**64)],
    ),
    "ranks": ("Map(String, UInt32)", [{"bb": 2, "a": 1, "c": 2**32 - 1}, {}, {'é"/\\': 1}, {"z": 0}], SAME),
    "shares": (
        "Map(String, Float64)",
        [{"a": 0.1 + 0.2, "bb": 1e-7}, {}, {"é": -0.0, "x": 1e16}, {"half": 0.5}],
        [{"a": 0.1 + 0.2, "bb": 1e-7}, {}, {"é": 0, "x": 1e16}, {"half": 0.5}],
    ),
    "words_by_key": ("Map(String, String)", [{"a": HOSTILE, "bb": ""}, {}, {'"': "\\"}, {"c": "null"}], SAME),
    "code": ("FixedString(3)", ["abc", "", "é", "a"], SAME),
    "edges": ("Array(Float64)", [[0.1, 1e300], [], ["inf"], [0.5]], [[0.1, 1e300], [], [inf], [0.5]]),
    "totals": ("Array(UInt64)", [[2**64 - 1, 0], [], [1], [2]], SAME),
    "numbers": ("Array(Int64)", [[3, -1, 2], [], [2**63 - 1], [0]], SAME),
    "words": ("Array(String)", [["a", "", "NULL", "b,c", '{"x"}', "é\\"], [], [""], ["😀\t"]], SAME),
}
ALL = PublishSpec(
    name="every_type",
    mart="mart_every_type",
    table="every_type",
    comment="One column of every type.",
    columns=(
        Column("id", "UInt32", "Row."),
        *(Column(name, clickhouse, "A value.") for name, (clickhouse, _, _) in CASES.items()),
    ),
    key=("id",),
)


@pytest.fixture(scope="module", autouse=True)
def _mart(place: Settings) -> Iterator[None]:
    client = connections.clickhouse(place)
    table = f"{place.clickhouse_database}.{ALL.mart}"
    described = ", ".join(f"`{column.name}` {column.type}" for column in ALL.columns)
    client.command(f"create database if not exists {place.clickhouse_database}")
    client.command(f"create table {table} ({described}) engine = MergeTree order by id")
    lines = [
        json.dumps({"id": number, **{name: values[number] for name, (_, values, _) in CASES.items()}})
        for number in range(4)
    ]
    client.raw_insert(table, insert_block="\n".join(lines), fmt="JSONEachRow")
    SPECS[ALL.name] = ALL
    yield
    del SPECS[ALL.name]


@pytest.fixture(scope="module")
def outcome(place: Settings, _mart: None) -> str:
    """Of a publish of all values."""
    return publish(place, ALL).outcome


@pytest.mark.faults(27)
def test_every_value_arrives_and_every_checksum_agrees(place: Settings, outcome: str) -> None:
    assert outcome == "published"
    assert verify(place, ALL).intact
    with connections.postgres(place, role="reader") as reader:
        reader.execute("set timezone = 'UTC'")
        for name, (_, values, expected) in CASES.items():
            query = f'select "{name}" from every_type order by id'.encode()
            found = [value for (value,) in reader.execute(query).fetchall()]
            assert found == (values if expected is SAME else expected), name


def test_a_single_changed_value_shows(place: Settings, outcome: str) -> None:
    with connections.postgres(place, autocommit=True) as connection, connection.transaction(force_rollback=True):
        live = generations.live(connection, ALL)
        connection.execute("set local timezone = 'UTC'")
        assert live is not None
        for name in CASES:
            change = f'update every_type set "{name}" = (select "{name}" from every_type where id = 0) where id = 1'
            with connection.transaction(force_rollback=True):
                connection.execute(change.encode())
                assert content_of(connection, ALL, ddl.live(ALL)).checksum != live.checksum, name
        assert content_of(connection, ALL, ddl.live(ALL)).checksum == live.checksum


def test_not_a_number_arrives_whatever_its_bits(place: Settings) -> None:
    spec = replace(
        ALL, name="nans", mart="mart_nans", table="nans", columns=(*ALL.columns[:1], Column("f", "Float64", "F."))
    )
    table = f"{place.clickhouse_database}.{spec.mart}"
    client = connections.clickhouse(place)
    client.command(f"create table {table} (id UInt32, f Float64) engine = MergeTree order by id")
    client.command(f"insert into {table} select number, [nan, -nan, 0 / 0, log(-1)][number + 1] from numbers(4)")
    SPECS[spec.name] = spec
    try:
        publish(place, spec)
        assert verify(place, spec).intact
        with connections.postgres(place, role="reader") as reader:
            assert all(isnan(value) for (value,) in reader.execute("select f from nans").fetchall())
    finally:
        del SPECS[spec.name]


def test_infinity_in_a_map_becomes_null_because_json_has_no_word_for_it(place: Settings) -> None:
    spec = replace(
        ALL,
        name="bounds",
        mart="mart_bounds",
        table="bounds",
        columns=(*ALL.columns[:1], Column("m", "Map(String, Float64)", "M.")),
    )
    table = f"{place.clickhouse_database}.{spec.mart}"
    client = connections.clickhouse(place)
    client.command(f"create table {table} (id UInt32, m Map(String, Float64)) engine = MergeTree order by id")
    client.command(f"insert into {table} select 1, map('n', nan, 'i', inf, 'one', 1)")
    SPECS[spec.name] = spec
    try:
        publish(place, spec)
        assert verify(place, spec).intact
        with connections.postgres(place, role="reader") as reader:
            assert reader.execute("select m from bounds").fetchall() == [({"n": None, "i": None, "one": 1},)]
    finally:
        del SPECS[spec.name]


@pytest.mark.faults(27)
@pytest.mark.parametrize("column", ["words", "words_by_key"])
def test_a_nul_byte_deep_in_a_value_is_refused_by_row_and_column(place: Settings, column: str) -> None:
    client = connections.clickhouse(place)
    table = f"{place.clickhouse_database}.{ALL.mart}"
    value = {"words": "['x', 'a\\0b']", "words_by_key": "map('x', 'a\\0b')"}[column]
    client.command(f"insert into {table} select * replace(78 as id, {value} as {column}) from {table} limit 1")
    try:
        with pytest.raises(StirError, match=rf"column {column}: a NUL byte, in the row with the key \(78\)"):
            publish(place, ALL)
    finally:
        client.command(f"delete from {table} where id = 78")


@pytest.mark.faults(27)
def test_a_text_that_is_not_utf8_is_refused_by_row_and_column(place: Settings) -> None:
    client = connections.clickhouse(place)
    table = f"{place.clickhouse_database}.{ALL.mart}"
    client.command(f"insert into {table} select * replace(77 as id, unhex('C328') as text) from {table} limit 1")
    try:
        with pytest.raises(StirError, match=r"column text: not UTF-8, in the row with the key \(77\)"):
            publish(place, ALL)
    finally:
        client.command(f"delete from {table} where id = 77")
