"""The swap while eight readers look, and readers who hold on."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from stir import connections
from stir.database import PUBLISH
from stir.database.migration import migrations
from stir.errors import StirError
from stir.publish import STEPS, Patience, PublishState, begin, publish, roll_back, verify
from stir.publish.pipeline import swap
from stir.publish.progress import UNWATCHED, Observer
from stir.publish.swap import transaction
from stir.settings import Settings

from .left_overs import BOARD, generations, left_overs, next_version, once
from .marts import Mart, rows_of
from .readers import QUERY, Fleet

SWAPS = 8
HURRY = Patience(lock=0.05, swap=1.0, snapshots=1.0)


@pytest.fixture(scope="module", autouse=True)
def _readers(place: Settings, mart: Mart) -> Iterator[None]:
    """Eight readers look all the time; that no older version comes back is checked where nothing is rolled back."""
    mart.build(1)
    publish(place, BOARD)
    with Fleet(place, ordered=False) as fleet:
        yield
    fleet.check(at_least=200)


def up_to_swap(place: Settings, run_id: str) -> PublishState:
    """A run that has done everything but the swap, step by step as a scheduler would."""
    state = begin(place, "leaderboard", run_id=once(run_id))
    for step in ("export", "load", "index", "verify"):
        state = PublishState.from_dict(STEPS[step](place, state, UNWATCHED).to_dict())
    return state


def reader_in_transaction(place: Settings, *, touch: bool) -> psycopg.Connection:
    """A reader inside a REPEATABLE READ transaction; with `touch` it has read the table and holds its lock."""
    connection = connections.postgres(place, role="reader")
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.execute(QUERY.format(table="leaderboard") if touch else "select 1")
    return connection


# A mart that is rebuilt during a parallel export (test_faults_sessions.py) is swapped in under eight readers, too.
@pytest.mark.parametrize("way", ["frozen", pytest.param("parallel", marks=pytest.mark.long)])
def test_readers_notice_nothing_of_publishes(
    place: Settings, mart: Mart, way: str, request: pytest.FixtureRequest
) -> None:
    if way == "parallel":
        request.getfixturevalue("in_parallel")
    first = next_version(place)
    with Fleet(place, floor=first - 1) as fleet:
        for version in range(first, first + SWAPS // 2):
            mart.build(version)
            assert publish(place, BOARD).outcome == "published"
            fleet.floor = version
        fleet.wait_for_reads()
    fleet.check(at_least=300)
    assert left_overs(place) == []


def test_readers_notice_nothing_of_roll_backs(place: Settings, mart: Mart) -> None:
    mart.build(20)
    publish(place, BOARD)
    with Fleet(place, ordered=False) as fleet:
        for number in range(SWAPS):
            to = None if number % 2 == 0 else max(item.content for item in generations(place))
            roll_back(place, BOARD, target="prod", run_id=f"turn {number}", to=to)
            fleet.wait_for_reads(20)
    fleet.check(at_least=200)
    assert verify(place, BOARD).intact


@pytest.mark.faults(20)
def test_a_reader_who_holds_on_makes_the_swap_give_way_and_others_go_on_reading(place: Settings, mart: Mart) -> None:
    version = next_version(place)
    mart.build(version)
    state = up_to_swap(place, "waits for a reader")
    holder = reader_in_transaction(place, touch=True)
    with Fleet(place) as fleet, pytest.raises(StirError) as refusal:
        swap(place, state, patience=HURRY)
    assert "could not lock leaderboard within 1 s: held by stir_reader" in refusal.value.line
    assert "idle in transaction" in refusal.value.line
    fleet.check(at_least=50)
    first = holder.execute(QUERY.format(table="leaderboard")).fetchone()
    holder.close()
    assert first is not None
    # The loaded table is still there: the step can be tried again when the reader is gone.
    done = swap(place, state)
    assert done.outcome == "published"
    STEPS["tidy"](place, done, UNWATCHED)
    assert verify(place, BOARD).mart_is_published
    assert left_overs(place) == []


def test_a_prepared_transaction_that_holds_the_table_is_named(place: Settings, mart: Mart) -> None:
    version = next_version(place)
    mart.build(version)
    state = up_to_swap(place, "waits for a prepared transaction")
    with connections.postgres(place, role="reader") as reader:
        reader.tpc_begin(reader.xid(1, "left by test_swap", ""))
        reader.execute("select from leaderboard limit 1")
        reader.tpc_prepare()
        try:
            with pytest.raises(StirError, match=r"held by prepared transaction '.*' of stir_reader"):
                swap(place, state, patience=replace(HURRY, swap=0.3))
        finally:
            reader.tpc_rollback()
    STEPS["tidy"](place, swap(place, state), UNWATCHED)


@pytest.mark.faults(21)
def test_an_idle_reader_is_named_while_the_swap_waits_and_ended_if_the_operator_said_so(
    place: Settings, mart: Mart
) -> None:
    version = next_version(place)
    mart.build(version)
    state = up_to_swap(place, "ends an idle reader")
    holder = reader_in_transaction(place, touch=True)
    reported: list[str] = []

    class Listener(Observer):
        def stage(self, name: str, detail: str = "") -> None:
            reported.append(detail)

    with pytest.raises(StirError, match="idle in transaction"):
        swap(place, state, Listener(), replace(HURRY, idle=0.1))
    assert any(
        re.search(r"waits for idle readers: stir_reader \(.*pid \d+, idle in transaction", line) for line in reported
    )
    with connections.postgres(place, role="admin", autocommit=True) as admin:
        # Only ending sessions of its own roles is the writer's right, unless somebody grants it more.
        with pytest.raises(StirError):
            swap(place, state, Listener(), replace(HURRY, end_idle=0.1))
        assert any("grant pg_signal_backend to the writer" in line for line in reported)
        admin.execute("grant pg_signal_backend to stir_writer")
        try:
            done = swap(place, state, Listener(), replace(HURRY, swap=60.0, end_idle=0.1))
        finally:
            admin.execute("revoke pg_signal_backend from stir_writer")
    assert done.outcome == "published"
    assert any("ended stir_reader" in line for line in reported)
    with pytest.raises(psycopg.OperationalError):
        holder.execute("select 1")
    holder.close()
    STEPS["tidy"](place, done, UNWATCHED)


@pytest.mark.faults(22)
def test_a_snapshot_older_than_a_parallel_load_holds_the_swap_back(
    place: Settings, mart: Mart, in_parallel: None
) -> None:
    version = next_version(place)
    mart.build(version)
    begun = begin(place, "leaderboard", run_id=once("waits for a snapshot"))
    exported = STEPS["export"](place, begun, UNWATCHED)
    old = reader_in_transaction(place, touch=False)
    state = exported
    for step in ("load", "index", "verify"):
        state = STEPS[step](place, state, UNWATCHED)
    assert state.loaded_xid, "this load was not frozen"
    with pytest.raises(StirError, match="1 sessions hold snapshots older than the load"):
        swap(place, state, patience=HURRY)
    assert old.execute(QUERY.format(table="leaderboard")).fetchone()[2] == version - 1  # type: ignore[index]
    threading.Timer(0.3, old.close).start()
    done = swap(place, state)
    STEPS["tidy"](place, done, UNWATCHED)
    assert done.outcome == "published"


@pytest.mark.faults(22)
def test_a_snapshot_older_than_a_frozen_load_sees_the_whole_new_generation(place: Settings, mart: Mart) -> None:
    version = next_version(place)
    mart.build(version)
    old = reader_in_transaction(place, touch=False)
    assert publish(place, BOARD).outcome == "published"
    row = old.execute(QUERY.format(table="leaderboard")).fetchone()
    old.close()
    assert row is not None
    assert row[:3] == (rows_of(version), version, version)


@pytest.mark.faults(22)
def test_a_long_transaction_makes_even_a_large_load_a_frozen_one(
    place: Settings, mart: Mart, in_parallel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stir.publish.load import stream

    monkeypatch.setattr(stream, "_NO_OLD_SNAPSHOT", stream._NO_OLD_SNAPSHOT.replace("10 seconds", "0.2 seconds"))
    version = next_version(place)
    mart.build(version)
    old = reader_in_transaction(place, touch=False)
    time.sleep(0.3)
    # In a hurry about the old snapshot only: eight readers hold the table now and then.
    assert publish(place, BOARD, patience=replace(HURRY, lock=1.0, swap=60.0)).outcome == "published"
    row = old.execute(QUERY.format(table="leaderboard")).fetchone()
    old.close()
    assert row is not None
    assert row[:3] == (rows_of(version), version, version)


@pytest.mark.faults(23)
def test_a_prepared_statement_survives_generations(place: Settings, mart: Mart) -> None:
    first = next_version(place)
    with connections.postgres(place, role="reader", autocommit=True) as reader:
        for version in range(first, first + 3):
            mart.build(version)
            publish(place, BOARD)
            row = reader.execute("select * from leaderboard where platform_id = %s", ["id3"], prepare=True).fetchone()
            assert row is not None


@pytest.mark.faults(9)
def test_two_publishes_at_once_publish_once_each_or_give_way(place: Settings, mart: Mart) -> None:
    version = next_version(place)
    mart.build(version)
    outcomes: list[str] = []

    def race(number: int) -> None:
        try:
            outcomes.append(publish(place, BOARD, run_id=once(f"race {number}")).outcome)
        except StirError as error:
            outcomes.append(error.what)

    before = generations(place)[-1].generation
    with Fleet(place) as fleet:
        threads = [threading.Thread(target=race, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    fleet.check()
    assert generations(place)[-1].generation == before + 1
    assert outcomes.count("published") == 1
    assert all(o in ("published", "unchanged") or "is being published by run" in o for o in outcomes), outcomes


@pytest.mark.faults(10)
def test_a_zombie_that_publishes_late_is_refused(place: Settings, mart: Mart) -> None:
    version = next_version(place)
    mart.build(version)
    zombie = up_to_swap(place, "zombie")
    mart.build(version + 1)
    with pytest.raises(StirError, match="is being published by run zombie"):
        publish(place, BOARD)
    with Fleet(place, floor=version - 1) as fleet:
        assert publish(place, BOARD, take_over=True).outcome == "published"
        fleet.floor = version + 1
        with pytest.raises(StirError, match=r"no longer holds leaderboard|another run published"):
            swap(place, zombie)
        fleet.wait_for_reads()
    fleet.check()
    STEPS["tidy"](place, zombie, UNWATCHED)
    assert verify(place, BOARD).mart_is_published
    assert left_overs(place) == []


def test_a_run_whose_lease_was_taken_over_is_refused_in_the_swap_though_nobody_has_published(
    place: Settings, mart: Mart
) -> None:
    mart.build(next_version(place))
    state = up_to_swap(place, "taken over")
    before = generations(place)
    other = begin(place, "leaderboard", run_id=once("takes over"), take_over=True)
    # The swap itself, without the check that each step makes before it.
    with pytest.raises(StirError, match=r"run taken over .* no longer holds leaderboard"):
        transaction.swap(place, state)
    assert generations(place) == before
    STEPS["tidy"](place, other, UNWATCHED)
    STEPS["tidy"](place, state, UNWATCHED)
    assert left_overs(place) == []


@pytest.mark.faults(2)
def test_a_step_tried_again_after_its_answer_was_lost_changes_nothing(place: Settings, mart: Mart) -> None:
    version = next_version(place)
    mart.build(version)
    state = up_to_swap(place, "answer lost")
    first = swap(place, state)
    again = swap(place, state)
    assert again.generation == first.generation == generations(place)[-1].generation
    STEPS["tidy"](place, again, UNWATCHED)
    assert verify(place, BOARD).intact
    assert left_overs(place) == []


# The swap of a run that began before is a step of a publish, too.
@pytest.mark.parametrize("act", ["publish", pytest.param("swap", marks=pytest.mark.long), "roll back"])
def test_a_ledger_of_an_older_version_is_taken_over_by_whatever_comes_first(
    place: Settings, mart: Mart, act: str
) -> None:
    while len(generations(place)) < 2:
        mart.build(next_version(place))
        publish(place, BOARD)
    if act != "roll back":
        mart.build(next_version(place))
    state = up_to_swap(place, "older version") if act == "swap" else None
    before = generations(place)
    with connections.postgres(place) as owner:
        # As before any of these existed.
        owner.execute("drop view stir.current_generation")
        owner.execute("drop table stir.migration, stir.contract_change, stir.table_record")
    if state:
        STEPS["tidy"](place, STEPS["swap"](place, state, UNWATCHED), UNWATCHED)
    elif act == "publish":
        publish(place, BOARD)
    else:
        roll_back(place, BOARD, target="prod", run_id=once("back"))
    with connections.postgres(place) as owner:
        assert len(owner.execute("select from stir.migration").fetchall()) == len(migrations(PUBLISH))
    assert [item.run_id for item in generations(place)[:-1]] == [item.run_id for item in before]
    with connections.postgres(place, role="reader") as reader:
        reader.execute("select from stir.contract_change")
