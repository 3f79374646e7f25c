"""PostgreSQL without room, memory or peace, other people's objects, clocks and passwords, under eight readers."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psutil
import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from stir import connections
from stir.errors import StirError
from stir.publish import STEPS, begin, publish, verify
from stir.publish.checks import guards
from stir.publish.ledger import generations as ledger
from stir.publish.progress import UNWATCHED
from stir.publish.session import writer
from stir.settings import Settings

from .failpoints import At
from .faulty_s3 import Fault, faulty_s3
from .left_overs import BOARD, generations, left_overs, once
from .marts import Mart

MORE_THAN_A_SEGMENT = 20 << 20
"""A limit on files that the write-ahead log's segments of 16 MiB stay below, so that only the table meets it."""


def limit(backend: psutil.Process, what: str, most: int) -> None:
    """Give a running backend a lower limit, as its own user: another's limits even root may not change everywhere."""
    account = {"user": backend.uids().real, "group": backend.gids().real} if os.geteuid() == 0 else {}
    command = ["prlimit", "--pid", str(backend.pid), f"--{what}={most}:{most}"]
    subprocess.run(command, check=True, capture_output=True, **account)  # type: ignore[call-overload]


def when_copying(place: Settings, work: Callable[[psutil.Process], None]) -> Fault:
    """A proxy's fault that does something to the loading backend while it waits for its first bytes."""

    def act(number: int, body: bytes) -> tuple[int, bytes]:
        with connections.postgres(place, role="admin", autocommit=True) as admin:
            backends = admin.execute(
                "select pid from pg_stat_activity "
                "where application_name like 'stir publish leaderboard load%' and datname = current_database()"
            ).fetchall()
        for (pid,) in backends:
            work(psutil.Process(pid))
        return 206, body

    return act


@pytest.mark.faults(18)
def test_a_disk_that_is_full_refuses_and_leaves_nothing(place: Settings, mart: Mart, version: int) -> None:
    def no_more_room(backend: psutil.Process) -> None:
        limit(backend, "fsize", MORE_THAN_A_SEGMENT)

    before = generations(place)[-1]
    mart.build(version, rows=120_000)
    with faulty_s3(place, when_copying(place, no_more_room)) as (proxied, _), pytest.raises(psycopg.Error) as refusal:
        publish(proxied, BOARD, allow=["growth"])
    assert "could not extend file" in str(refusal.value) or "could not write" in str(refusal.value)
    assert generations(place)[-1] == before
    assert verify(place, BOARD).intact
    assert left_overs(place) == []
    mart.build(version)


@pytest.mark.faults(19)
def test_postgres_out_of_memory_refuses_and_leaves_nothing(place: Settings, mart: Mart, version: int) -> None:
    def no_more_memory(backend: psutil.Process) -> None:
        limit(backend, "as", backend.memory_info().vms)

    before = generations(place)[-1]
    # One value that a backend cannot hold without asking for more.
    large = "arrayStringConcat(arrayMap(x -> repeat('x', 1000000), range(30)))"
    row = f"select * replace('large' as platform_id, {large} as name) from {mart.table} limit 1"
    mart.command(f"insert into {mart.table} {row}")
    with (
        faulty_s3(place, when_copying(place, no_more_memory)) as (proxied, _),
        pytest.raises(psycopg.Error, match="out of memory"),
    ):
        publish(proxied, BOARD)
    assert generations(place)[-1] == before
    assert left_overs(place) == []
    mart.build(version)


OBJECTS = {
    "view": (
        "create view public.top as select * from public.leaderboard where followers_rank = 1",
        "drop view public.top",
    ),
    "materialised view": (
        "create materialized view public.best as select handle from public.leaderboard",
        "drop materialized view public.best",
    ),
    "foreign key": (
        "create table public.fan (a date, b text, c text, d text, "
        "foreign key (a, b, c, d) references public.leaderboard)",
        "drop table public.fan",
    ),
    "policy": (
        "create policy own on public.leaderboard using (true)",
        "drop policy own on public.leaderboard",
    ),
    "publication": ("create publication feed for table public.leaderboard", "drop publication feed"),
    "serial": (
        "create sequence public.counter owned by public.leaderboard.followers",
        "drop sequence public.counter",
    ),
}


@pytest.mark.faults(24)
def test_objects_tied_to_the_table_are_named_before_anything_is_done(place: Settings, version: int) -> None:
    before = generations(place)[-1]
    for create, drop in OBJECTS.values():
        with writer(place, "prod") as connection:
            connection.execute(create.encode())
            try:
                with pytest.raises(StirError, match=r"public\.leaderboard has something that a publish would lose"):
                    publish(place, BOARD)
            finally:
                connection.execute(drop.encode())
            assert ledger.history(connection, BOARD)[-1] == before
    assert left_overs(place) == []


@pytest.mark.faults(28)
def test_tables_of_a_crash_are_removed_and_nobody_elses(place: Settings, mart: Mart, version: int) -> None:
    state = begin(place, "leaderboard", run_id=once("crashed"))
    state = STEPS["load"](place, STEPS["export"](place, state, UNWATCHED), UNWATCHED)
    with writer(place, "prod") as connection:
        connection.execute("create table stir.leaderboard__notes (line text)")
        connection.execute("update stir.run set expires_at = clock_timestamp() where run_id = %s", [state.run_id])
        assert publish(place, BOARD).outcome == "published"
        stored = connection.execute("select to_regclass(%s)", [f"stir.{state.loaded}"]).fetchone()
        assert stored == (None,)
        assert connection.execute("select to_regclass('stir.leaderboard__notes')").fetchone() != (None,)
        connection.execute("drop table stir.leaderboard__notes")
    assert left_overs(place) == []


@pytest.mark.faults(29)
def test_a_rotated_database_password_is_refused_and_in_no_log(place: Settings, version: int) -> None:
    assert place.postgres_url is not None
    current = connections.postgres(place).info.password
    url = place.postgres_url.get_secret_value()
    rotated = place.model_copy(update={"postgres_url": SecretStr(url.replace(current, "rotated-away-secret"))})
    with pytest.raises(psycopg.OperationalError, match="password authentication failed") as refusal:
        publish(rotated, BOARD)
    assert "rotated-away-secret" not in str(refusal.value)
    secrets = [place.s3.password, place.clickhouse.password, current, "rotated-away-secret"]
    logs = [path for path in (place.state_dir / "logs").glob("*.log") if path.stat().st_size < 50_000_000]
    assert logs
    for path in logs:
        text = path.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], path


@pytest.mark.faults(31)
@pytest.mark.parametrize(
    "skew",
    # A clock that is behind breaks more: what was just published would be in the future.
    [
        pytest.param(timedelta(days=-2), id="behind"),
        pytest.param(timedelta(days=2), id="ahead", marks=pytest.mark.long),
    ],
)
def test_a_clock_that_is_wrong_changes_nothing_that_counts(
    place: Settings, version: int, skew: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leases, generations and snapshots go by PostgreSQL's clock alone, freshness by the content itself."""

    class Skewed(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + skew

    for module in ("checks.guards", "ledger.announcements", "state"):
        monkeypatch.setattr(f"stir.publish.{module}.datetime", Skewed)
    holder = begin(place, "leaderboard", run_id=once("holder"))
    with pytest.raises(StirError, match="is being published by run holder"):
        publish(place, BOARD)
    STEPS["tidy"](place, holder, UNWATCHED)
    assert publish(place, BOARD).outcome == "published"
    assert abs(generations(place)[-1].published_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert vars(guards)["datetime"] is Skewed


@pytest.mark.faults(32)
def test_a_deadlock_with_the_applications_ddl_is_tried_again(place: Settings, version: int) -> None:
    """The application locks the books and then the table, the swap the table and then the books."""
    outcomes: list[str] = []
    swapping = threading.Event()

    def application() -> None:
        with writer(place, "prod", autocommit=False) as other:
            other.execute("lock table stir.generation in share mode")
            swapping.set()
            time.sleep(0.3)  # meanwhile the swap has the table and waits for the books
            other.execute(sql.SQL("comment on table {} is 'Ours.'").format(sql.Identifier("public", "leaderboard")))
            other.commit()
            outcomes.append("the application's change went through")

    thread = threading.Thread(target=application)

    def interfere(point: str) -> None:
        if point == "verified" and not thread.is_alive() and not outcomes:
            thread.start()
            swapping.wait(60)

    assert publish(place, BOARD, observer=At(interfere)).outcome == "published"
    thread.join()
    assert outcomes
