"""Making a world and letting time pass, on a ClickHouse of this module's own: it makes and breaks many worlds.

A test makes the world that it needs unless that stands already, and they come in an order in which it mostly does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from stir import connections
from stir.errors import StirError
from stir.local import Supervisor, ensure_services, stop_services
from stir.settings import PROJECT_DIR, Settings
from stir.sources.layout_gaps import gaps
from stir.sources.tables import TABLES, SourceTable
from stir.world import WorldDescription, WorldParameters, advance, creation, describe, make, planted
from stir.world.history import read_state

END = datetime(2026, 6, 15, tzinfo=UTC)
SMALL = WorldParameters(creators=130, days=40, seed=7, end=END)


@pytest.fixture(scope="module")
def own() -> Iterator[Settings]:
    """Settings of a server that no other test uses."""
    given = Settings(state_dir=PROJECT_DIR / ".stir" / "test-world")
    yield ensure_services(given, names=("clickhouse",))
    stop_services(given)


@pytest.fixture(scope="module")
def whole(own: Settings) -> WorldDescription:
    """The small world made in one go."""
    _stand(own, SMALL)
    return describe(own)


def _stand(own: Settings, parameters: WorldParameters) -> None:
    """Make the world of these parameters unless it stands already."""
    make(own, parameters, replace=True)


def _forget(own: Settings) -> None:
    """Leave the source tables without the world's own record of them."""
    connections.clickhouse(own).command("drop database if exists world")


def _differing(one: WorldDescription, other: WorldDescription) -> list[str]:
    pairs = zip(one.tables, other.tables, strict=True)
    tables = [a.name for a, b in pairs if (a.keys, a.content) != (b.keys, b.content)]
    return tables + [
        kind for kind in {*one.planted, *other.planted} if one.planted.get(kind) != other.planted.get(kind)
    ]


def _up_to(own: Settings, table: SourceTable, moment: datetime) -> tuple[int, int]:
    """Rows ingested up to a moment: their number and the sum of their hashes, older versions included."""
    rows = connections.clickhouse(own).query(
        f"select count(), sum(cityHash64(formatRow('RowBinary', *))) from {table.quoted}"
        f" where {table.ingested} <= {{moment:DateTime('UTC')}}",
        parameters={"moment": moment},
    )
    return int(rows.result_rows[0][0]), int(rows.result_rows[0][1])


def test_an_existing_world_is_not_changed(own: Settings, whole: WorldDescription) -> None:
    _stand(own, SMALL)
    tables: list[str] = []
    assert make(own, SMALL, progress=lambda table, done, total: tables.append(table)) is False
    assert tables == []
    with pytest.raises(StirError, match=r"another world exists.*--replace"):
        make(own, replace(SMALL, creators=131))
    assert describe(own).sha256 == whole.sha256


def test_planted_accounts_can_be_listed(own: Settings, whole: WorldDescription) -> None:
    _stand(own, SMALL)
    renamed = planted(own, "account renamed")
    assert len(renamed) == whole.planted["account renamed"] > 0
    with pytest.raises(StirError, match="nothing of the kind"):
        planted(own, "account painted green")


def test_a_table_of_somebody_else_is_named_with_what_makes_its_increments_read_it_whole(own: Settings) -> None:
    _stand(own, SMALL)
    with connections.clickhouse(own) as client:
        assert list(gaps(client)) == [], "the world's tables have the layout"
        client.command("rename table beat_replica.asset_log to beat_replica.asset_log_before")
        try:
            client.command("create table beat_replica.asset_log as beat_replica.asset_log_before order by entity_id")
            client.command("alter table beat_replica.asset_log drop projection if exists by_key")
            [found] = gaps(client)
        finally:
            client.command("drop table if exists beat_replica.asset_log sync")
            client.command("rename table beat_replica.asset_log_before to beat_replica.asset_log")
    assert found == "beat_replica.asset_log: not sorted by updated_at, no projection by_key"


def test_advancing_adds_rows_ingested_in_its_hours_and_touches_nothing_else(own: Settings) -> None:
    _stand(own, SMALL)
    timed = [table for table in TABLES if table.ingested]
    before = {table.name: _up_to(own, table, SMALL.end) for table in timed}
    whole_tables = {table.name: table.rows for table in describe(own).tables}
    assert all(before[table.name][0] == whole_tables[table.name] for table in timed), "nothing lies beyond the end"
    end = advance(own, 24)
    assert end == SMALL.end + timedelta(hours=24)
    assert {table.name: _up_to(own, table, SMALL.end) for table in timed} == before
    after = {table.name: table.rows for table in describe(own).tables}
    assert {table.name: _up_to(own, table, end)[0] for table in timed} == {t.name: after[t.name] for t in timed}
    grown = {name for name, rows in after.items() if rows > whole_tables[name]}
    assert {"events.post_log_events", "events.profile_log_events", "beat_replica.instagram_account"} <= grown
    assert not {table.name for table in TABLES if table.kind == "frozen"} & grown


def _break_off(own: Settings, table: str) -> creation.Progress:
    def progress(done_table: str, done: int, total: int) -> None:
        if done_table == table:
            raise KeyboardInterrupt

    return progress


def _killing(supervisor: Supervisor, table: str) -> creation.Progress:
    def progress(done_table: str, done: int, total: int) -> None:
        server = supervisor.service("clickhouse").process()
        if done_table == table and server:
            psutil.Process(server.pid).kill()

    return progress


def test_a_world_of_older_sql_is_begun_again(own: Settings) -> None:
    standing = read_state(connections.clickhouse(own))
    if standing is None or standing.state != "ready":  # any world will do
        _stand(own, SMALL)
        standing = read_state(connections.clickhouse(own))
    assert standing
    same = WorldParameters(
        creators=standing.creators, days=(standing.end - standing.start).days, seed=standing.seed, end=standing.end
    )
    assert make(own, same) is False
    connections.clickhouse(own).command("truncate table world.version")
    with pytest.raises(KeyboardInterrupt):
        make(own, same, progress=_break_off(own, "world.creator"))


def test_the_warehouses_notes_of_a_world_are_removed_with_it(own: Settings) -> None:
    # Where there is no warehouse yet, as in the other tests, there is nothing to drop.
    database = own.clickhouse_database
    with connections.clickhouse(own) as client:
        client.command(f"create database if not exists {database}")
        for table in (creation.ORDER_HISTORY, "unrelated"):
            client.command(f"create table {database}.{table} (link String) engine = MergeTree order by link")
        with pytest.raises(KeyboardInterrupt):
            make(own, SMALL, replace=True, progress=_break_off(own, "world.creator"))
        assert client.query(f"show tables from {database}").result_rows == [("unrelated",)]
        client.command(f"drop table {database}.unrelated")


def test_what_was_interrupted_or_lost_its_server_goes_on_to_the_world_that_is_made_in_one_go(
    own: Settings, whole: WorldDescription, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A world that ends a day earlier, made in other chunks; and then that day."""
    earlier = replace(SMALL, days=SMALL.days - 1, end=SMALL.end - timedelta(days=1))
    assert earlier.start == SMALL.start
    supervisor = Supervisor(own)
    _forget(own)
    with pytest.raises(Exception, match=r"(?i)connection|remote|refused|aborted"):
        make(own, earlier, replace=True, progress=_killing(supervisor, "beat_replica.instagram_account"))
    ensure_services(own, names=("clickhouse",))
    for refused in (describe, lambda settings: advance(settings, 24)):
        with pytest.raises(StirError, match=r"interrupted.*stir world make"):
            refused(own)
    with monkeypatch.context() as patch:
        patch.setattr(creation, "CHUNK", 77)
        patch.setattr(creation, "WORKERS", 1)
        assert make(own, earlier) is True
    before = describe(own)
    with pytest.raises(KeyboardInterrupt):
        advance(own, 24, progress=_break_off(own, "tracking.link_orders"))
    with pytest.raises(StirError, match=r"interrupted.*stir world advance"):
        describe(own)
    assert make(own, earlier) is False, "what was interrupted is undone by the next command"
    assert describe(own).sha256 == before.sha256
    advance(own, 24)
    advanced = describe(own)
    assert (advanced.start, advanced.end) == (whole.start, whole.end)
    assert _differing(advanced, whole) == []
    assert advanced.sha256 == whole.sha256


@pytest.mark.long  # the test above makes a world in other chunks, and the one of older SQL begins one again
def test_a_world_that_older_sql_made_is_made_again_and_is_the_same_whatever_the_chunks_and_the_inserts_at_once(
    own: Settings, whole: WorldDescription, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stand(own, SMALL)
    connections.clickhouse(own).command("truncate table world.version")
    monkeypatch.setattr(creation, "CHUNK", 77)
    monkeypatch.setattr(creation, "WORKERS", 1)
    assert make(own, SMALL) is True
    assert make(own, SMALL) is False
    again = describe(own)
    assert _differing(again, whole) == []
    assert again.sha256 == whole.sha256


@pytest.mark.long  # the test of what was interrupted or lost its server shows the same of one interruption
def test_a_make_that_was_interrupted_or_lost_its_server_is_refused_by_others_and_starts_over(
    own: Settings, whole: WorldDescription
) -> None:
    kill = _killing(Supervisor(own), "beat_replica.instagram_account")
    _forget(own)
    with pytest.raises(KeyboardInterrupt):
        make(own, SMALL, replace=True, progress=_break_off(own, "beat_replica.youtube_account"))
    for refused in (describe, lambda settings: advance(settings, 24)):
        with pytest.raises(StirError, match=r"interrupted.*stir world make"):
            refused(own)
    with pytest.raises(Exception, match=r"(?i)connection|remote|refused|aborted"):
        make(own, SMALL, progress=kill)
    revived = ensure_services(own, names=("clickhouse",))
    assert make(revived, SMALL) is True
    assert describe(revived).sha256 == whole.sha256


@pytest.mark.long  # the same test interrupts an advance once, and goes one step
def test_a_world_that_advanced_and_was_interrupted_at_it_equals_one_made_up_to_the_same_end(
    own: Settings, whole: WorldDescription
) -> None:
    day = timedelta(days=1)
    first, earlier = (replace(SMALL, days=SMALL.days - days, end=SMALL.end - days * day) for days in (20, 1))
    assert first.start == earlier.start == SMALL.start
    _stand(own, first)
    advance(own, 24 * 19)
    before = describe(own)
    with pytest.raises(KeyboardInterrupt):
        advance(own, 48, progress=_break_off(own, "tracking.link_orders"))
    with pytest.raises(StirError, match=r"interrupted.*stir world advance"):
        describe(own)
    assert make(own, earlier) is False, "what was interrupted is undone by the next command"
    assert describe(own).sha256 == before.sha256
    with pytest.raises(KeyboardInterrupt):
        advance(own, 48, progress=_break_off(own, "events.post_log_events"))
    for hours in (7, 17):
        advance(own, hours)
    advanced = describe(own)
    assert (advanced.start, advanced.end) == (whole.start, whole.end)
    assert _differing(advanced, whole) == []
    assert advanced.sha256 == whole.sha256


@pytest.mark.long  # further seeds are made for test_shared_warehouse.py and for the application
def test_another_seed_makes_another_world(own: Settings, whole: WorldDescription) -> None:
    _stand(own, replace(SMALL, seed=8))
    other = describe(own)
    assert other.sha256 != whole.sha256
    assert all(table.rows > 0 for table in other.tables), "every source table has rows for any seed"


def test_source_rows_that_no_world_made_are_not_dropped_unasked(own: Settings) -> None:
    standing = read_state(connections.clickhouse(own))
    if standing is None or standing.state != "ready":  # any world will do
        _stand(own, SMALL)
    _forget(own)
    with pytest.raises(StirError, match=r"rows that are not from a synthetic world.*--replace"):
        make(own, SMALL)


def test_there_is_no_world_to_describe_or_advance_on_a_fresh_server(own: Settings) -> None:
    _forget(own)
    for refused in (describe, lambda settings: advance(settings, 24)):
        with pytest.raises(StirError, match=r"there is no world.*stir world make"):
            refused(own)
