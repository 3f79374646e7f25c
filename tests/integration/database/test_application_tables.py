"""The application's tables in PostgreSQL: made once, closed to the reader, filled by the world without harm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from stir import connections
from stir.database import APPLICATION, apply, prepare
from stir.database.migration import migrations
from stir.errors import StirError
from stir.settings import Settings
from stir.world.campaigns import COLUMNS, fill_application


def drop(settings: Settings) -> None:
    with connections.postgres(settings) as connection:
        connection.execute("drop schema if exists campaign cascade")
        connection.execute("drop schema if exists ops cascade")


def count(settings: Settings, table: str) -> int:
    with connections.postgres(settings) as connection:
        row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row
    return int(row[0])


def test_runs_that_start_at_once_make_the_tables_once(settings: Settings) -> None:
    drop(settings)
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(lambda _: prepare(settings), range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, len(migrations(APPLICATION))]
    assert prepare(settings) == []


def test_a_file_that_was_changed_after_it_had_been_applied_is_refused(settings: Settings) -> None:
    prepare(settings)
    first, *rest = migrations(APPLICATION)
    with connections.postgres(settings) as connection, pytest.raises(StirError, match=r"0001_ops\.sql was changed"):
        apply(connection, APPLICATION, [replace(first, sql=first.sql + "select 1"), *rest])


def test_a_file_that_fails_leaves_nothing_of_itself(settings: Settings) -> None:
    prepare(settings)
    broken = replace(migrations(APPLICATION)[0], name="9999_broken", sql="create table ops.half (); select 1 / 0")
    with connections.postgres(settings) as connection, pytest.raises(psycopg.errors.DivisionByZero):
        apply(connection, APPLICATION, [*migrations(APPLICATION), broken])
    with connections.postgres(settings) as connection:
        assert connection.execute("select to_regclass('ops.half')").fetchone() == (None,)


@pytest.mark.parametrize("table", ["campaign.payout", "campaign.campaign_profile", "ops.outbox", "ops.later"])
def test_the_reader_of_published_tables_sees_no_campaign_and_no_payout(settings: Settings, table: str) -> None:
    prepare(settings)
    with connections.postgres(settings) as connection:
        connection.execute("create table if not exists ops.later (id int)")
    with (
        connections.postgres(settings, role="reader") as reader,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for schema"),
    ):
        reader.execute(f"select * from {table}")


def test_the_world_fills_them_and_a_second_fill_changes_nothing(settings: Settings, world: Any) -> None:
    added = fill_application(settings, replace=True)
    assert set(added) == set(COLUMNS)
    assert min(added.values()) > 0, added
    assert {table: count(settings, table) for table in COLUMNS} == added
    with connections.postgres(settings) as connection:
        connection.execute("update campaign.application set status = 'WITHDRAWN'")
    assert set(fill_application(settings).values()) == {0}
    with connections.postgres(settings) as connection:
        kept = connection.execute("select distinct status from campaign.application").fetchall()
    assert kept == [("WITHDRAWN",)], "what the application has decided since is not undone"


def test_the_same_world_gives_the_same_rows(settings: Settings, world: Any) -> None:
    digest = "select md5(string_agg(t::text, '|' order by t::text)) from campaign.submission as t"
    seen = []
    for _ in range(2):
        fill_application(settings, replace=True)
        with connections.postgres(settings) as connection:
            seen.append(connection.execute(digest).fetchone())
    assert seen[0] == seen[1]
