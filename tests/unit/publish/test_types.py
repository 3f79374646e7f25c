"""How ClickHouse types travel: names only; tests/integration/publish proves the values."""

from __future__ import annotations

import pytest

from stir.errors import StirError
from stir.publish.column_types import bare, travel


@pytest.mark.parametrize(
    ("clickhouse", "postgres"),
    [
        ("String", "text"),
        ("LowCardinality(Nullable(String))", "text"),
        ("Enum8('a' = 1, 'b(' = 2)", "text"),
        ("Bool", "boolean"),
        ("UInt8", "smallint"),
        ("Int16", "smallint"),
        ("UInt16", "integer"),
        ("Int32", "integer"),
        ("UInt32", "bigint"),
        ("Nullable(Int64)", "bigint"),
        ("UInt64", "numeric(20,0)"),
        ("Float32", "real"),
        ("Float64", "double precision"),
        ("Decimal(18, 4)", "numeric(18,4)"),
        ("Date", "date"),
        ("Date32", "date"),
        ("DateTime", "timestamp with time zone"),
        ("DateTime('Asia/Kolkata')", "timestamp with time zone"),
        ("DateTime64(3, 'UTC')", "timestamp with time zone"),
        ("UUID", "uuid"),
        ("Map(String, UInt32)", "jsonb"),
        ("Map(LowCardinality(String), UInt64)", "jsonb"),
        ("Map(String, Float64)", "jsonb"),
        ("Map(String, LowCardinality(String))", "jsonb"),
        ("Array(UInt32)", "bigint[]"),
        ("Array(UInt64)", "numeric(20,0)[]"),
        ("Array(Float64)", "double precision[]"),
        ("FixedString(2)", "text"),
    ],
)
def test_every_value_of_a_type_fits_its_postgres_type(clickhouse: str, postgres: str) -> None:
    assert travel(clickhouse).postgres == postgres


@pytest.mark.parametrize(
    "unknown", ["AggregateFunction(sum, UInt64)", "Tuple(String, UInt8)", "JSON", "StringX", "Map(String)"]
)
def test_a_type_without_a_rule_is_refused_by_name(unknown: str) -> None:
    with pytest.raises(StirError, match="cannot be published to PostgreSQL"):
        travel(unknown)


def test_wrappers_are_taken_off_in_any_nesting() -> None:
    assert bare("LowCardinality(Nullable(String))") == ("String", True)
    assert bare("Nullable(DateTime('UTC'))") == ("DateTime('UTC')", True)
    assert bare("Map(String, UInt32)") == ("Map(String, UInt32)", False)


def test_a_zoned_time_is_exported_in_utc_and_says_so() -> None:
    assert travel("DateTime('Asia/Kolkata')").copy("`t`") == "concat(toString(toTimeZone(`t`, 'UTC')), '+00')"


@pytest.mark.parametrize(
    ("clickhouse", "may_be_empty"),
    [("String", True), ("FixedString(2)", True), ("Enum8('' = 1)", True), ("UInt8", False), ("Date", False)],
)
def test_a_text_that_may_be_empty_gets_a_mark_of_its_own_for_null(clickhouse: str, may_be_empty: bool) -> None:
    assert travel(clickhouse).free_text is may_be_empty


def test_a_decimal_is_summed_up_with_all_its_places() -> None:
    assert travel("Decimal(18, 4)").clickhouse_text("`d`") == "toDecimalString(`d`, 4)"
