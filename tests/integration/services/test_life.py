"""The embedded services start, survive, come back and stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from pydantic import SecretStr

from stir import connections
from stir.errors import StirError
from stir.local import SERVICES, Supervisor, ensure_services, stop_services
from stir.local.doctor.inspection import inspect
from stir.local.machine import process
from stir.provisioning import permissions
from stir.provisioning.logins import CHECKS
from stir.settings import PROJECT_DIR, Settings

from .conftest import assert_all_work, command_line, family, processes


def test_a_first_start_gives_three_servers(checkout: Callable[..., Settings]) -> None:
    supervisor = Supervisor(checkout("started"))
    outcomes = supervisor.ensure()
    assert {outcome.name for outcome in outcomes if outcome.started} == {"clickhouse", "postgres", "s3"}
    assert_all_work(supervisor.settings())
    stop_services(supervisor.settings())


def test_the_broker_starts_when_it_is_asked_for_and_belongs_to_the_checkout_from_then_on(
    checkout: Callable[..., Settings],
) -> None:
    settings = checkout("streaming")
    assert [row.state for row in inspect(settings)] == ["down", "down", "down", "unused"]
    asked = ensure_services(settings, ["broker"])
    assert CHECKS["broker"](asked)
    for private in (asked.state_dir / "broker", asked.state_dir / "broker" / "nats.conf"):
        assert private.stat().st_mode & 0o077 == 0
    listening = {at.laddr.ip for at in processes(asked)["broker"].net_connections() if at.status == "LISTEN"}
    assert listening == {"127.0.0.1"}
    assert stop_services(asked) == ["broker"]
    assert "broker" in Supervisor(settings).used()


def test_ones_own_broker_that_is_away_disturbs_only_commands_that_use_it(checkout: Callable[..., Settings]) -> None:
    away = checkout("away", broker_url=SecretStr("nats://me:mine@127.0.0.1:1"))
    assert Supervisor(away).used() == ["clickhouse", "postgres", "s3"]
    with pytest.raises(StirError, match=r"the broker cannot be reached.*STIR_BROKER_URL"):
        ensure_services(away, ["broker"])


def test_asking_again_starts_nothing(first: Settings) -> None:
    before = processes(first)
    ensure_services(first)
    assert processes(first) == before


def _keep(first: Settings) -> None:
    """Data in each of the servers."""
    client = connections.clickhouse(first)
    client.command("create database if not exists stir")
    client.command("create or replace table stir.kept (a UInt8) engine = MergeTree order by a")
    client.command("insert into stir.kept select 1")
    with connections.postgres(first) as connection:
        connection.execute("create table if not exists kept as select 1 as a")
    connections.s3(first).put_object(Bucket=first.s3.path, Key="kept", Body=b"1")


def _assert_kept(again: Settings) -> None:
    assert connections.clickhouse(again).query("select count() from stir.kept").result_rows == [(1,)]
    with connections.postgres(again) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1,)
    assert connections.s3(again).get_object(Bucket=again.s3.path, Key="kept")["Body"].read() == b"1"


# That each comes back with its data, the test of all at once shows.
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == "s3" else pytest.mark.long) for name in SERVICES]
)
def test_a_killed_service_is_started_again_and_keeps_its_data(first: Settings, name: str) -> None:
    _keep(first)
    before = processes(first)

    before[name].send_signal(signal.SIGKILL)
    again = ensure_services(first)

    after = processes(again)
    assert {service for service in SERVICES if after[service] != before[service]} == {name}
    _assert_kept(again)


def test_all_killed_at_once_come_back_with_their_data(first: Settings) -> None:
    """Also with the query log: `clickhouse local` by itself loses the table at the second start."""
    _keep(first)
    mark = f"select 'mark {time.time_ns()}'"
    client = connections.clickhouse(first)
    client.query(mark)
    client.command("system flush logs")
    before = processes(first)
    assert before.keys() == set(SERVICES)
    for server in before.values():
        server.send_signal(signal.SIGKILL)
    again = ensure_services(first)
    assert_all_work(again)
    _assert_kept(again)
    assert processes(again).keys() >= {"clickhouse", "postgres", "s3"}
    client = connections.clickhouse(again)
    client.query("select 2")
    client.command("system flush logs")
    found = client.query("select count() from system.query_log where startsWith(query, {q:String})", {"q": mark})
    assert found.result_rows[0][0] >= 1


def test_a_backend_that_outlives_a_killed_postmaster_is_ended_and_commits_nothing(first: Settings) -> None:
    with connections.postgres(first, autocommit=True) as connection:
        connection.execute("create table if not exists orphaned (a bigint)")
    failed = threading.Event()

    def insert() -> None:
        try:
            with connections.postgres(first) as busy:
                busy.execute("insert into orphaned select generate_series(1, 30000000)")
        except psycopg.OperationalError:
            failed.set()

    worker = threading.Thread(target=insert)
    worker.start()
    server = processes(first)["postgres"]
    assert process.wait_until(
        lambda: any("INSERT" in command_line(child) for child in server.children()),
        seconds=300,
        give_up=lambda: failed.is_set(),
    )
    server.send_signal(signal.SIGKILL)
    again = ensure_services(first)
    worker.join(300)
    assert failed.is_set()
    with connections.postgres(again) as connection:
        assert connection.execute("select count(*) from orphaned").fetchone() == (0,)
        connection.execute("drop table orphaned")


def test_two_commands_at_once_start_each_service_once(first: Settings) -> None:
    stop_services(first)
    code = (
        "import sys; from pathlib import Path; from stir.local import ensure_services; from stir.settings import *;"
        "ensure_services(Settings(_env_file=None, state_dir=Path(sys.argv[1]), cache_dir=Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", code, str(first.state_dir), str(first.cache_dir)]
    variables = {**os.environ, "PYTHONPATH": str(PROJECT_DIR / "plugins")}
    running = [subprocess.Popen(command, env=variables) for _ in range(3)]
    assert [child.wait(300) for child in running] == [0, 0, 0]
    for name in SERVICES:
        assert len(list(process.find_all(Supervisor(first).service(name).marker))) == 1
    assert_all_work(ensure_services(first))


def test_two_checkouts_live_side_by_side_and_down_stops_one(first: Settings, checkout: Callable[..., Settings]) -> None:
    second = ensure_services(checkout("spare"))
    connections.clickhouse(second).command("create database if not exists only_second")
    databases = connections.clickhouse(first).query("select name from system.databases").result_columns[0]
    assert "only_second" not in databases
    ours, others = family(second), family(first)
    assert len(ours) >= 3

    assert set(stop_services(second)) == {"clickhouse", "postgres", "s3"}

    assert process.wait_gone(ours, 60)[1] == []
    assert all(member.is_running() for member in others)
    assert_all_work(first)
    assert stop_services(second) == []
    assert [row.state for row in inspect(second)] == ["down"] * 3 + ["unused"]


def test_down_does_not_wait_for_long_work_and_loses_nothing_committed(
    first: Settings, checkout: Callable[..., Settings]
) -> None:
    busy = ensure_services(checkout("busy"), ("clickhouse",))
    client = connections.clickhouse(busy)
    client.command("create database stir")
    client.command("create table stir.kept (a UInt64) engine = MergeTree order by a")
    client.command("insert into stir.kept select number from numbers(100000)")
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(
            lambda: connections.clickhouse(busy).query(
                "select count() from numbers(1000000000000) where sin(number) > 2"
            )
        )
        time.sleep(0.5)
        stop_services(busy)
        assert long.exception(300) is not None
    again = connections.clickhouse(ensure_services(busy, ("clickhouse",)))
    assert again.query("select count() from stir.kept").result_rows == [(100000,)]
    stop_services(busy)


def test_the_servers_survive_the_command_that_started_them_and_its_ctrl_c(first: Settings) -> None:
    for server in processes(first).values():
        assert os.getsid(server.pid) == server.pid
        assert server.parent() is None or os.getpgid(server.pid) != os.getpgid(0)


def test_a_port_that_somebody_took_meanwhile_is_replaced_and_everything_follows(
    checkout: Callable[..., Settings],
) -> None:
    settings = ensure_services(checkout("spare"), ["s3"])
    stop_services(settings)
    old = settings.s3.port
    said: list[str] = []
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", old))
        squatter.listen()
        supervisor = Supervisor(settings, said.append)
        supervisor.ensure()
        moved = supervisor.settings()
    assert moved.s3.port != old
    assert str(old) in said[0]
    assert permissions.CHECKS[1].test(moved)  # ClickHouse reaches S3 at its new port
    stop_services(moved)


def test_a_command_with_a_database_and_a_memory_of_its_own_restarts_nothing(first: Settings) -> None:
    before = processes(first)
    client = connections.clickhouse(first)
    client.command("create database if not exists stir")
    client.command("create or replace table stir.kept (a UInt8) engine = MergeTree order by a")
    own = {"clickhouse_database": 'dev-anna\'s "1" 日', "clickhouse_query_memory": 777_000_000}
    other = ensure_services(first.model_copy(update=own))
    assert {name: server.pid for name, server in processes(first).items()} == {
        name: server.pid for name, server in before.items()
    }
    asked = "select getSetting('max_memory_usage')"
    assert connections.clickhouse(other).query(asked).first_row == (777_000_000,)
    assert connections.clickhouse(first, role="reader").query("select count() from stir.kept").first_row == (0,)
    for check in permissions.CHECKS:
        assert check.test(other)


@pytest.mark.parametrize(
    "setting",
    [{"s3_named_collection": "another"}, {"s3_url": SecretStr("http://key:secret@127.0.0.1:1/stir")}],
)
def test_a_command_with_another_setting_of_the_server_is_refused_and_restarts_nothing(
    first: Settings, setting: dict[str, object]
) -> None:
    before, written = processes(first)["clickhouse"].pid, (first.state_dir / "services.env").read_text()
    with pytest.raises(StirError, match="runs with another STIR_S3_URL or STIR_S3_NAMED_COLLECTION"):
        ensure_services(first.model_copy(update=setting), ("clickhouse",))
    assert processes(first)["clickhouse"].pid == before
    assert (first.state_dir / "services.env").read_text() == written
    assert_all_work(first)
