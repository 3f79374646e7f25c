"""Faults between the engines under eight readers: the publish survives or is refused, readers never know."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import psycopg
import pytest
from backports import zstd
from clickhouse_connect.driver.exceptions import ClickHouseError
from pydantic import SecretStr

from stir import connections
from stir.errors import StirError
from stir.publish import STEPS, PublishState, begin, boundary, export, publish, verify
from stir.publish.progress import UNWATCHED
from stir.publish.session import writer
from stir.settings import Settings

from .faulty_s3 import faulty_s3
from .left_overs import BOARD, generations, left_overs
from .marts import Mart
from .readers import Fleet


@pytest.fixture(scope="module")
def fleet(place: Settings, mart: Mart) -> Iterator[Fleet]:
    mart.build(1)
    publish(place, BOARD)
    with Fleet(place, floor=1) as fleet:
        yield fleet
    fleet.check(at_least=200)


@pytest.fixture
def version(place: Settings, mart: Mart, fleet: Fleet) -> Iterator[int]:
    """The next version, in the mart; whatever the fault was, after the test an undisturbed publish brings it."""
    version = fleet.floor + 1
    mart.build(version)
    yield version
    fleet.wait_for_reads(20)
    assert publish(place, BOARD).outcome in ("published", "unchanged")
    fleet.floor = version
    fleet.wait_for_reads(20)
    assert verify(place, BOARD).mart_is_published
    assert left_overs(place) == []
    assert not fleet.complaints, fleet.complaints[:3]


def exported(place: Settings, run_id: str) -> PublishState:
    return STEPS["export"](place, begin(place, "leaderboard", run_id=run_id), UNWATCHED)


def refused(place: Settings, state: PublishState, complaint: str) -> None:
    """The rest of the run is refused with that complaint, and the live generation stays."""
    before = generations(place)[-1]

    def go_on() -> None:
        passed = state
        for step in ("load", "index", "verify", "swap"):
            passed = STEPS[step](place, passed, UNWATCHED)

    with pytest.raises(StirError, match=complaint):
        go_on()
    assert generations(place)[-1] == before
    STEPS["tidy"](place, state, UNWATCHED)


def _padded(content: bytes, size: int) -> bytes:
    """Compressed bytes made `size` long by a skippable frame, which means nothing."""
    missing = size - len(content) - 8
    assert missing >= 0
    return content + b"\x50\x2a\x4d\x18" + missing.to_bytes(4, "little") + b"\0" * missing


def terminate(place: Settings, application_name: str) -> int:
    """End the sessions of that name, as an administrator or a crash would."""
    with connections.postgres(place, role="admin", autocommit=True) as admin:
        query = """
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name like %s and datname = current_database()
        """
        return len(admin.execute(query, [application_name]).fetchall())


def test_control_without_a_fault(place: Settings, version: int) -> None:
    with faulty_s3(place, lambda number, body: (206, body)) as (proxied, server):
        assert publish(proxied, BOARD).outcome == "published"
        assert server.reads == 1


def test_s3_that_says_slow_down_is_asked_again(place: Settings, version: int) -> None:
    busy = b"<Error><Code>SlowDown</Code></Error>"
    with faulty_s3(place, lambda number, body: (503, busy) if number < 3 else (206, body)) as (proxied, server):
        assert publish(proxied, BOARD).outcome == "published"
        assert server.reads == 3


def test_a_read_that_breaks_off_is_taken_up_where_it_broke(place: Settings, version: int) -> None:
    with faulty_s3(place, lambda number, body: None if number < 4 else (206, body)) as (proxied, server):
        assert publish(proxied, BOARD).outcome == "published"
        assert server.reads == 4
    assert verify(place, BOARD).intact


def test_a_read_that_never_comes_through_is_given_up(place: Settings, version: int) -> None:
    with (
        faulty_s3(place, lambda number, body: (206, b"")) as (proxied, _),
        pytest.raises(StirError, match="an exported object cannot be read"),
    ):
        publish(proxied, BOARD)


@pytest.mark.parametrize("way", ["frozen", "parallel"])
def test_one_wrong_digit_is_found(place: Settings, version: int, way: str, request: pytest.FixtureRequest) -> None:
    if way == "parallel":
        request.getfixturevalue("in_parallel")

    def corrupt(number: int, body: bytes) -> tuple[int, bytes]:
        rows = zstd.decompress(body)
        wrong = re.sub(rb"(\tMTD\t)(\d)", lambda found: found[1] + b"%d" % ((int(found[2]) + 1) % 10), rows, count=1)
        return 206, _padded(zstd.compress(wrong, level=22), len(body))

    with (
        faulty_s3(place, corrupt) as (proxied, _),
        pytest.raises(StirError, match=r"did not arrive as it was frozen.*\(columns that differ: followers\)"),
    ):
        publish(proxied, BOARD)


def test_a_part_that_ends_at_a_row_is_found(place: Settings, version: int) -> None:
    state = exported(place, "ends early")
    s3 = connections.s3(place)
    key = state.manifest.replace("manifest.json", "part-000.tsv.zst")
    rows = zstd.decompress(s3.get_object(Bucket=place.s3.path, Key=key)["Body"].read()).splitlines(keepends=True)
    s3.put_object(Bucket=place.s3.path, Key=key, Body=zstd.compress(b"".join(rows[:-1])))
    refused(place, state, "the export wrote")


def test_a_part_of_the_right_size_with_other_rows_is_found(place: Settings, version: int) -> None:
    state = exported(place, "other rows")
    s3 = connections.s3(place)
    key = state.manifest.replace("manifest.json", "part-000.tsv.zst")
    content = zstd.decompress(s3.get_object(Bucket=place.s3.path, Key=key)["Body"].read())
    other = zstd.compress(content.replace(b"\tMTD\t3003\t", b"\tMTD\t3004\t"), level=22)
    s3.put_object(Bucket=place.s3.path, Key=key, Body=_padded(other, state.size))
    refused(place, state, "did not arrive as it was frozen")


def test_a_part_that_is_missing_is_found(place: Settings, version: int) -> None:
    state = exported(place, "missing part")
    connections.s3(place).delete_object(
        Bucket=place.s3.path, Key=state.manifest.replace("manifest.json", "part-000.tsv.zst")
    )
    refused(place, state, "an exported object cannot be read")


def test_a_manifest_that_is_missing_or_half_written_is_found(place: Settings, version: int) -> None:
    state = exported(place, "no manifest")
    s3 = connections.s3(place)
    content = s3.get_object(Bucket=place.s3.path, Key=state.manifest)["Body"].read()
    s3.put_object(Bucket=place.s3.path, Key=state.manifest, Body=content[: len(content) // 2])
    with pytest.raises(StirError, match="the manifest is not usable"):
        STEPS["load"](place, state, UNWATCHED)
    s3.delete_object(Bucket=place.s3.path, Key=state.manifest)
    refused(place, state, "an exported object cannot be read")


def test_a_stale_object_in_the_way_is_not_overwritten(
    place: Settings, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = begin(place, "leaderboard", run_id="stale object")
    monkeypatch.setattr("stir.publish.export.secrets.token_hex", lambda size: "0" * 2 * size)
    key = f"{state.prefix}00000000/part-000.tsv.zst"
    connections.s3(place).put_object(Bucket=place.s3.path, Key=key, Body=b"old")
    with pytest.raises(Exception, match="already exists"):
        STEPS["export"](place, state, UNWATCHED)
    monkeypatch.undo()
    STEPS["tidy"](place, state, UNWATCHED)


def test_a_mart_that_is_rebuilt_during_the_export_does_not_mix(
    place: Settings, mart: Mart, version: int, fleet: Fleet, in_parallel: None
) -> None:
    def rebuild(point: str) -> None:
        if point in ("frozen", "part exported"):
            mart.build(version + 1)

    with boundary.listening(rebuild):
        publication = publish(place, BOARD)
    assert (publication.parts, publication.outcome) == (4, "published")
    fleet.wait_for_reads(40)
    assert not fleet.complaints
    with connections.postgres(place, role="reader") as reader:
        assert reader.execute("select distinct uploads from leaderboard").fetchall() == [(version,)]
    mart.build(version)


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


def test_a_backend_that_dies_again_and_again_is_given_up_and_leaves_nothing(place: Settings, version: int) -> None:
    def always_kill(number: int, body: bytes) -> tuple[int, bytes] | None:
        if number % 2 == 0:
            terminate(place, "stir publish leaderboard load%")
        return None if number % 2 else (206, body)

    with faulty_s3(place, always_kill) as (proxied, _), pytest.raises(psycopg.OperationalError):
        publish(proxied, BOARD)
    assert left_overs(place) == []


def test_a_lease_whose_session_died_does_not_stop_the_run(place: Settings, version: int) -> None:
    def end_session(point: str) -> None:
        if point == "loaded":
            assert terminate(place, "stir publish leaderboard lease") == 1

    with boundary.listening(end_session):
        assert publish(place, BOARD).outcome == "published"


def test_a_backend_that_dies_in_the_swap_leaves_the_old_generation(place: Settings, version: int) -> None:
    before = generations(place)[-1]

    def end_session(point: str) -> None:
        if point == "before commit":
            assert terminate(place, "stir publish leaderboard swap") == 1

    with boundary.listening(end_session), pytest.raises(psycopg.OperationalError):
        publish(place, BOARD)
    assert generations(place)[-1] == before


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

    with boundary.listening(interfere):
        assert publish(place, BOARD).outcome == "published"
    thread.join()


def test_no_secret_stands_in_any_query_or_state(place: Settings, version: int) -> None:
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


def test_clickhouse_that_runs_out_of_memory_refuses_and_leaves_nothing(
    place: Settings, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(export.WRITE_SETTINGS, "max_memory_usage", 100_000)
    with pytest.raises(ClickHouseError, match="memory limit exceeded"):
        publish(place, BOARD)
    assert left_overs(place) == []


def test_rotated_s3_credentials_are_refused_and_not_told(place: Settings, version: int) -> None:
    rotated = place.model_copy(
        update={"s3_url": SecretStr(f"http://{place.s3.user}:rotated-away@{place.s3.host}:{place.s3.port}/stir")}
    )
    rotated.__dict__.pop("s3", None)
    with pytest.raises(StirError, match="an exported object cannot be read") as refusal:
        publish(rotated, BOARD)
    assert "rotated-away" not in str(refusal.value)


def test_an_export_that_is_cancelled_is_refused_and_leaves_nothing(
    place: Settings, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(export.WRITE_SETTINGS, "max_execution_time", 0.000001)
    with pytest.raises(ClickHouseError, match=r"Timeout exceeded|TIMEOUT_EXCEEDED"):
        publish(place, BOARD)
    assert left_overs(place) == []
