"""Sessions ended, queries cancelled, marts rebuilt in the middle of a publish, under eight readers."""

from __future__ import annotations

import threading

import psycopg
import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from stir import connections
from stir.publish import publish
from stir.publish.export import parts
from stir.publish.session import writer
from stir.settings import Settings

from .failpoints import At
from .faulty_s3 import faulty_s3
from .left_overs import BOARD, generations, left_overs
from .marts import Mart
from .readers import Fleet


def terminate(place: Settings, application_name: str) -> int:
    """End the sessions of that name, as an administrator or a crash would."""
    with connections.postgres(place, role="admin", autocommit=True) as admin:
        query = """
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name like %s and datname = current_database()
        """
        return len(admin.execute(query, [application_name]).fetchall())


@pytest.mark.faults(25)
def test_a_mart_that_is_rebuilt_during_the_export_does_not_mix(
    place: Settings, mart: Mart, version: int, fleet: Fleet, in_parallel: None
) -> None:
    def rebuild(point: str) -> None:
        if point in ("snapshot taken", "part exported"):
            mart.build(version + 1)

    publication = publish(place, BOARD, observer=At(rebuild))
    assert (publication.parts, publication.outcome) == (4, "published")
    fleet.wait_for_reads(40)
    assert not fleet.complaints
    with connections.postgres(place, role="reader") as reader:
        assert reader.execute("select distinct uploads from leaderboard").fetchall() == [(version,)]
    mart.build(version)


@pytest.mark.faults(3)
def test_a_backend_that_dies_in_the_middle_of_copy_is_survived(place: Settings, version: int) -> None:
    def kill_in_copy(number: int, body: bytes) -> tuple[int, bytes] | None:
        if number == 1:
            return None  # half of the bytes, then a new read, during which COPY is waiting
        if number == 2:
            assert terminate(place, "stir publish leaderboard load%") == 1
        return 206, body

    with faulty_s3(place, kill_in_copy) as (proxied, _):
        assert publish(proxied, BOARD).outcome == "published"
    assert left_overs(place) == []


@pytest.mark.faults(3)
def test_a_backend_that_dies_again_and_again_is_given_up_and_leaves_nothing(place: Settings, version: int) -> None:
    def always_kill(number: int, body: bytes) -> tuple[int, bytes] | None:
        if number % 2 == 0:
            terminate(place, "stir publish leaderboard load%")
        return None if number % 2 else (206, body)

    with faulty_s3(place, always_kill) as (proxied, _), pytest.raises(psycopg.OperationalError):
        publish(proxied, BOARD)
    assert left_overs(place) == []


@pytest.mark.faults(30)
def test_a_lease_whose_session_died_does_not_stop_the_run(place: Settings, version: int) -> None:
    def end_session(point: str) -> None:
        if point == "loaded":
            assert terminate(place, "stir publish leaderboard lease") == 1

    assert publish(place, BOARD, observer=At(end_session)).outcome == "published"


@pytest.mark.faults(3)
def test_a_backend_that_dies_in_the_swap_leaves_the_old_generation(place: Settings, version: int) -> None:
    before = generations(place)[-1]

    def end_session(point: str) -> None:
        if point == "before commit":
            assert terminate(place, "stir publish leaderboard swap") == 1

    with pytest.raises(psycopg.OperationalError):
        publish(place, BOARD, observer=At(end_session))
    assert generations(place)[-1] == before


@pytest.mark.long  # test_faults_database.py has a deadlock with the application's DDL in which a lock is not just late
@pytest.mark.faults(32)
def test_a_deadlock_with_somebodys_ddl_is_tried_again(place: Settings, version: int) -> None:
    release = threading.Event()

    def hold() -> None:
        with writer(place, "prod", autocommit=False) as other:
            other.execute("lock table public.leaderboard in share mode")
            release.wait(0.5)

    thread = threading.Thread(target=hold)

    def interfere(point: str) -> None:
        if point == "verified":
            thread.start()

    assert publish(place, BOARD, observer=At(interfere)).outcome == "published"
    thread.join()


@pytest.mark.faults(29)
def test_no_query_and_no_state_contains_a_secret(place: Settings, version: int) -> None:
    publication = publish(place, BOARD)
    client = connections.clickhouse(place)
    client.command("system flush logs")
    secrets = [place.s3.password, place.clickhouse.password]
    for secret in secrets:
        found = client.query(
            "select count() from system.query_log where position(query, {secret:String}) > 0 "
            "and not has(['system'], current_database) and position(query, 'query_log') = 0",
            parameters={"secret": secret},
        )
        assert found.result_rows == [(0,)]
    with writer(place, "prod") as connection:
        books = str(connection.execute("select * from stir.generation, stir.run").fetchall()) + str(publication)
    assert not any(secret in books for secret in secrets)


@pytest.mark.faults(19)
def test_clickhouse_that_runs_out_of_memory_refuses_and_leaves_nothing(
    place: Settings, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(parts.WRITE_SETTINGS, "max_memory_usage", 100_000)
    with pytest.raises(ClickHouseError, match="memory limit exceeded"):
        publish(place, BOARD)
    assert left_overs(place) == []


@pytest.mark.faults(6)
def test_an_export_that_is_cancelled_is_refused_and_leaves_nothing(
    place: Settings, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(parts.WRITE_SETTINGS, "max_execution_time", 0.000001)
    with pytest.raises(ClickHouseError, match=r"Timeout exceeded|TIMEOUT_EXCEEDED"):
        publish(place, BOARD)
    assert left_overs(place) == []
