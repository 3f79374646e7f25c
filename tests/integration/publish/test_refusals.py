"""What a publish refuses, each time leaving readers what they have and nothing lying about."""

from __future__ import annotations

import pytest

from stir import connections
from stir.errors import StirError
from stir.publish import STEPS, begin, publish, verify
from stir.publish.progress import UNWATCHED
from stir.publish.session import writer
from stir.settings import Settings

from .left_overs import BOARD, generations, left_overs
from .marts import ROWS, Mart, rows_of


@pytest.fixture(scope="module", autouse=True)
def published(place: Settings, mart: Mart) -> None:
    """A first generation, which every refusal must leave alone."""
    mart.build(1)
    publish(place, BOARD)


@pytest.fixture(autouse=True)
def _readers_keep_what_they_have(place: Settings, published: None) -> object:
    before = generations(place)[-1]
    yield
    assert generations(place)[-1] == before
    assert verify(place, BOARD).intact
    assert left_overs(place) == []


def test_an_empty_mart(place: Settings, mart: Mart) -> None:
    mart.build(2, rows=0)
    with pytest.raises(StirError, match="guard minimum-rows refuses: 0 rows"):
        publish(place, BOARD)
    with pytest.raises(StirError, match="guard shrink refuses"):
        publish(place, BOARD, allow=["minimum-rows"])


def test_a_mart_down_by_ninety_per_cent(place: Settings, mart: Mart) -> None:
    mart.build(2, rows=ROWS // 10)
    with pytest.raises(StirError, match=rf"guard shrink refuses: 120 rows would replace {rows_of(1):,} \(-90%"):
        publish(place, BOARD)


def test_an_older_content_than_readers_have(place: Settings, mart: Mart) -> None:
    mart.build(0)
    with pytest.raises(StirError, match="guard freshness refuses: its newest content is of 2026-06-15 00:00:00"):
        publish(place, BOARD)


def test_a_key_that_comes_twice(place: Settings, mart: Mart) -> None:
    mart.build(2)
    mart.command(f"insert into {mart.table} select * from {mart.table} where platform_id = 'id5'")
    with pytest.raises(StirError, match=r"mart_leaderboard has a key twice: .*\(2026-01-01, ALL, IA, id5\)"):
        publish(place, BOARD)


def test_a_missing_mart(place: Settings, mart: Mart) -> None:
    mart.command(f"rename table {mart.table} to {mart.table}_away")
    try:
        with pytest.raises(StirError, match=r"the mart of leaderboard does not exist.*stir dbt build"):
            publish(place, BOARD)
    finally:
        mart.command(f"rename table {mart.table}_away to {mart.table}")


def test_a_mart_whose_column_changed_its_type(place: Settings, mart: Mart) -> None:
    mart.build(2)
    mart.command(f"alter table {mart.table} modify column followers Float64")
    try:
        with pytest.raises(StirError, match="followers is Float64, promised is Int64"):
            publish(place, BOARD)
    finally:
        mart.command(f"drop table {mart.table}")
        mart.build(1)


def test_text_that_postgres_cannot_hold(place: Settings, mart: Mart) -> None:
    mart.build(2)
    mart.command(
        f"insert into {mart.table} select * replace('zero' as platform_id, 'a\\0b' as name) from {mart.table} limit 1"
    )
    with pytest.raises(StirError, match=r"column name: a NUL byte, in the row with the key \(2026-01-01, .*, zero\)"):
        publish(place, BOARD)


def test_a_view_that_would_keep_the_old_rows(place: Settings, mart: Mart) -> None:
    mart.build(2)
    with writer(place, "prod") as connection:
        connection.execute("create view public.top as select * from public.leaderboard where followers_rank = 1")
        try:
            with pytest.raises(StirError, match=r"what hangs on leaderboard would stay with the old rows: .*view.*top"):
                publish(place, BOARD)
        finally:
            connection.execute("drop view public.top")


def test_a_table_that_somebody_else_put_there(place: Settings, mart: Mart) -> None:
    mart.build(2)
    with connections.postgres(place, role="admin", autocommit=True) as admin:
        admin.execute("alter table leaderboard rename to leaderboard_away")
        try:
            admin.execute("create table leaderboard (like leaderboard_away including all)")
            with pytest.raises(StirError, match=r"public\.leaderboard is not a table that stir published"):
                publish(place, BOARD)
        finally:
            admin.execute("drop table leaderboard")
            admin.execute("alter table leaderboard_away rename to leaderboard")


def test_a_second_publish_while_one_is_under_way(place: Settings, mart: Mart) -> None:
    mart.build(2)
    state = begin(place, "leaderboard", run_id="first")
    with pytest.raises(StirError, match="is being published by run first"):
        publish(place, BOARD)
    with pytest.raises(StirError, match="is being published by run first"):
        begin(place, "leaderboard", run_id="second")
    STEPS["tidy"](place, state, UNWATCHED)


def test_an_unknown_guard(place: Settings) -> None:
    with pytest.raises(StirError, match="there is no guard 'everything'"):
        publish(place, BOARD, allow=["everything"])
