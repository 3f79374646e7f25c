"""Months that have not changed are taken over from the live table; only the others travel, and all is proven."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from stir import connections
from stir.errors import StirError
from stir.publish import SPECS, STEPS, begin, publish, verify
from stir.publish.progress import UNWATCHED
from stir.publish.session import writer
from stir.settings import Settings

from .left_overs import once
from .marts import Mart, marts
from .postgres_host import PostgresHost

SERIES = SPECS["time_series"]
CHANGED = "date >= '2026-03-01' and date < '2026-04-01'"


@pytest.fixture
def series(place: Settings) -> Mart:
    """The growth series, published; then one month of it changes."""
    mart = marts(place)["time_series"]
    mart.build(1)
    assert publish(place, SERIES, force=True, allow=("freshness",)).outcome == "published"
    mart.command(f"alter table {mart.table} update uploads = 7777 where {CHANGED} settings mutations_sync = 2")
    return mart


def changed_rows(mart: Mart) -> int:
    found = connections.clickhouse(mart.settings).query(f"select count() from {mart.table} final where {CHANGED}")
    return int(found.result_rows[0][0])


@pytest.mark.parametrize("way", ["frozen", "parallel", "over ssh"])
def test_only_the_month_that_changed_travels(
    place: Settings, series: Mart, way: str, request: pytest.FixtureRequest
) -> None:
    parallel, through = way == "parallel", place
    if parallel:
        request.getfixturevalue("in_parallel")
    if way == "over ssh":
        through = request.getfixturevalue("host").settings
    with closing(connections.postgres(place, role="reader")) as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("select 1")
        if parallel:
            old.close()  # the swap would wait for it
        state = begin(through, "time_series", run_id=once(f"one month {way}"))
        for step in ("export", "load", "index", "verify", "swap", "tidy"):
            state = STEPS[step](through, state, UNWATCHED)
            state = type(state).from_dict(state.to_dict())
        assert state.outcome == "published"
        assert 0 < state.travelling == changed_rows(series) < state.rows
        assert verify(place, SERIES).mart_is_published
        with connections.postgres(place, role="reader") as reader:
            found = reader.execute(f"select count(*) from {SERIES.table} where uploads = 7777".encode()).fetchone()
        assert found == (state.travelling,)
        if not parallel:
            seen = old.execute(f"select count(*) from {SERIES.table}".encode()).fetchone()
            assert seen == (state.rows,), "rows taken over are visible to a snapshot older than they are"


def test_over_ssh_rows_that_somebody_took_from_the_live_table_are_missed(
    place: Settings, series: Mart, host: PostgresHost
) -> None:
    with writer(place, "prod") as connection:
        connection.execute(f"delete from public.{SERIES.table} where date < '2026-02-01'".encode())
    with pytest.raises(StirError, match=r"the host could not load time_series: .* somebody changed .* --force"):
        publish(host.settings, SERIES)
    assert list(host.jobs.iterdir()) == []
    assert publish(host.settings, SERIES, force=True).outcome == "published"
    assert verify(place, SERIES).mart_is_published


def test_a_changed_live_table_is_detected_and_force_corrects_it(place: Settings, series: Mart) -> None:
    with writer(place, "prod") as connection:
        connection.execute(f"update public.{SERIES.table} set likes = -1 where date < '2026-02-01'".encode())
    with pytest.raises(StirError, match=r"differs from its snapshot.*columns that differ: likes.* --force"):
        publish(place, SERIES)
    with writer(place, "prod") as connection:
        connection.execute(f"delete from public.{SERIES.table} where date < '2026-02-01'".encode())
    with pytest.raises(StirError, match=r"rows of .* are in months that have not changed.* --force"):
        publish(place, SERIES)
    assert publish(place, SERIES, force=True).outcome == "published"
    assert verify(place, SERIES).mart_is_published
