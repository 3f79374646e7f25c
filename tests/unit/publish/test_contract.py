"""Differences between a spec and what is really there are found and named."""

from __future__ import annotations

import pytest

from stir.errors import StirError
from stir.publish.checks.contract import check_mode, live_differences, mart_differences

from .example import BOARD

MART = {column.name: column.type for column in BOARD.columns}
LIVE = [(column.name, column.travel.postgres, not column.nullable) for column in BOARD.columns]


def test_a_mart_as_promised_has_no_differences() -> None:
    assert list(mart_differences(BOARD, MART)) == []


def test_encodings_zones_and_columns_that_are_not_published_do_not_matter() -> None:
    looser = {**MART, "id": "LowCardinality(String)", "seen_at": "DateTime", "order": "Int64", "_version": "UInt64"}
    assert list(mart_differences(BOARD, looser)) == []


def test_missing_retyped_and_newly_nullable_columns_are_named() -> None:
    changed = {**MART, "order": "Nullable(Int32)", "id": "Nullable(String)"}
    del changed["ranks"]
    assert list(mart_differences(BOARD, changed)) == [
        "id is Nullable(String), expected is String",
        "order is Nullable(Int32), expected is Nullable(Int64)",
        "no column ranks",
    ]


def test_a_live_table_as_published_has_no_differences() -> None:
    assert list(live_differences(BOARD, LIVE)) == []


def test_order_type_and_nullability_under_readers_never_change_silently() -> None:
    swapped = [LIVE[1], LIVE[0], *LIVE[2:]]
    assert len(list(live_differences(BOARD, swapped))) == 1
    assert list(live_differences(BOARD, LIVE[:-1])) == ["columns gone: none, new: seen_at, or in another order"]
    retyped = [LIVE[0], ("id", "character varying(20)", True), *LIVE[2:]]
    assert list(live_differences(BOARD, retyped)) == ["id is character varying(20) not null, would be text not null"]
    loosened = [LIVE[0], ("id", "text", False), *LIVE[2:]]
    assert list(live_differences(BOARD, loosened)) == ["id is text, would be text not null"]


def test_columns_that_came_and_went_are_named() -> None:
    other = [("gone", "text", False), *LIVE[1:]]
    assert list(live_differences(BOARD, other)) == ["columns gone: gone, new: month, or in another order"]


def test_a_table_keeps_the_mode_it_was_published_in() -> None:
    check_mode(BOARD, "rename")
    with pytest.raises(StirError, match="published in mode merge, its spec says rename"):
        check_mode(BOARD, "merge")
