"""What a publish refuses, each time leaving readers what they have and nothing lying about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stir.errors import StirError
from stir.publish import SPECS, STEPS, begin, publish, verify
from stir.publish.progress import UNWATCHED
from stir.publish.session import writer
from stir.settings import Settings

from .left_overs import BOARD, generations, left_overs
from .marts import ROWS, Mart, rows_of
from .readers import Fleet


@pytest.fixture(scope="module", autouse=True)
def published(fleet: Fleet) -> None:
    """A first generation, which every refusal must leave alone, and eight readers of it."""


@pytest.fixture(autouse=True)
def _readers_keep_what_they_have(place: Settings, published: None) -> object:
    before = generations(place)[-1]
    yield
    assert generations(place)[-1] == before
    assert verify(place, BOARD).intact
    assert left_overs(place) == []


@pytest.mark.faults(26)
def test_an_empty_mart_is_refused(place: Settings, mart: Mart) -> None:
    mart.build(2, rows=0)
    with pytest.raises(StirError, match="guard minimum-rows refuses: 0 rows"):
        publish(place, BOARD)
    with pytest.raises(StirError, match="guard shrink refuses"):
        publish(place, BOARD, allow=["minimum-rows"])


@pytest.mark.faults(26)
def test_a_mart_down_by_ninety_per_cent(place: Settings, mart: Mart) -> None:
    mart.build(2, rows=ROWS // 10)
    with pytest.raises(StirError, match=rf"guard shrink refuses: 120 rows would replace {rows_of(1):,} \(-90%"):
        publish(place, BOARD)


def test_an_older_content_than_readers_have(place: Settings, mart: Mart) -> None:
    mart.build(0)
    with pytest.raises(StirError, match="guard freshness refuses: its mart was built as of 2026-06-15 00:00:00"):
        publish(place, BOARD)


@pytest.mark.faults(26)
def test_a_key_that_comes_twice(place: Settings, mart: Mart) -> None:
    mart.build(2)
    mart.command(f"insert into {mart.table} select * from {mart.table} where platform_id = 'id5'")
    with pytest.raises(StirError, match=r"mart_leaderboard contains a key twice: .*\(2026-01-01, ALL, IA, id5\)"):
        publish(place, BOARD)


LONG = "arrayStringConcat(arrayMap(i -> hex(sipHash128(i)), range(300)))"
"""9,600 letters that do not compress: more than an index row of PostgreSQL holds."""


@pytest.mark.parametrize(
    ("column", "where"), [("platform_id", r"\(2026-01-01, ALL, IA, [0-9A-F]{80}\)"), ("category", "id5")]
)
def test_a_text_too_long_for_an_index_is_named_with_its_row(
    place: Settings, mart: Mart, column: str, where: str
) -> None:
    mart.build(2)
    mart.command(
        f"insert into {mart.table} select * replace ({LONG} as {column}) from {mart.table} where followers_rank = 6"
    )
    if column != "platform_id":  # the same key would come twice
        gone = "followers_rank = 6 and category is null"
        mart.command(f"alter table {mart.table} delete where {gone} settings mutations_sync = 1")
    with pytest.raises(
        StirError, match=rf"refuses to index mart_leaderboard: column {column} has 9,600 bytes.*{where}"
    ):
        publish(place, BOARD)


def test_a_missing_mart_is_refused(place: Settings, mart: Mart) -> None:
    mart.command(f"rename table {mart.table} to {mart.table}_away")
    try:
        with pytest.raises(StirError, match=r"the mart of leaderboard does not exist.*stir dbt build"):
            publish(place, BOARD)
    finally:
        mart.command(f"rename table {mart.table}_away to {mart.table}")


def test_a_mart_with_a_changed_column_type_is_refused(place: Settings, mart: Mart) -> None:
    mart.build(2)
    mart.command(f"alter table {mart.table} modify column followers Nullable(Float64)")
    try:
        with pytest.raises(StirError, match=r"followers is Nullable\(Float64\), expected is Nullable\(Int64\)"):
            publish(place, BOARD)
    finally:
        mart.command(f"drop table {mart.table}")
        mart.build(1)


@pytest.mark.faults(27)
def test_text_that_postgres_cannot_hold(place: Settings, mart: Mart) -> None:
    mart.build(2)
    mart.command(
        f"insert into {mart.table} select * replace('zero' as platform_id, 'a\\0b' as name) from {mart.table} limit 1"
    )
    with pytest.raises(StirError, match=r"column name: a NUL byte, in the row with the key \(2026-01-01, .*, zero\)"):
        publish(place, BOARD)


def test_a_table_that_somebody_else_put_there(place: Settings, mart: Mart, monkeypatch: pytest.MonkeyPatch) -> None:
    mart.build(2)
    occupied = replace(BOARD, name="occupied", table="occupied")
    monkeypatch.setitem(SPECS, "occupied", occupied)
    with writer(place, "prod") as connection:
        connection.execute("create table public.occupied (like public.leaderboard)")
        with pytest.raises(StirError, match=r"public\.occupied is not a table that stir published"):
            publish(place, occupied)
        connection.execute("drop table public.occupied")


def test_a_second_publish_while_one_is_under_way(place: Settings, mart: Mart) -> None:
    mart.build(2)
    state = begin(place, "leaderboard", run_id="first")
    with pytest.raises(StirError, match="is being published by run first"):
        publish(place, BOARD)
    with pytest.raises(StirError, match="is being published by run first"):
        begin(place, "leaderboard", run_id="second")
    STEPS["tidy"](place, state, UNWATCHED)


def test_an_unknown_guard_is_refused(place: Settings) -> None:
    with pytest.raises(StirError, match="there is no guard 'everything'"):
        publish(place, BOARD, allow=["everything"])
