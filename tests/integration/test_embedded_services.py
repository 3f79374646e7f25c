"""The embedded services as real servers, in state folders of these tests' own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from stir import connections
from stir.errors import StirError
from stir.local import SERVICES, Supervisor, engine, ensure_services, permissions, process, stop_services
from stir.local.inspection import inspect
from stir.settings import PROJECT_DIR, Settings, load_settings


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    """Addresses of other services must not reach these tests through the environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("STIR_") and name.endswith("_URL")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Settings]]:
    """Makes the settings of further checkouts, by name; their services are stopped at the end."""
    made: dict[str, Settings] = {}

    def settings(name: str, **values: object) -> Settings:
        if name not in made:
            made[name] = Settings(
                _env_file=None,
                state_dir=tmp_path_factory.mktemp("a state") / f"{name} ü:&",
                cache_dir=load_settings().cache_dir,
            )
        return made[name].model_copy(update=values)

    yield settings
    for state in made.values():
        stop_services(state)


@pytest.fixture(scope="module")
def first(checkout: Callable[..., Settings]) -> Settings:
    return ensure_services(checkout("first"))


def processes(settings: Settings) -> dict[str, psutil.Process]:
    supervisor = Supervisor(settings)
    found = {name: supervisor.service(name).process() for name in SERVICES}
    return {name: running for name, running in found.items() if running}


def family(settings: Settings) -> list[psutil.Process]:
    servers = processes(settings).values()
    return [member for server in servers for member in [server, *server.children(recursive=True)]]


def command_line(member: psutil.Process) -> str:
    """Empty for one that has just ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return " ".join(member.cmdline())
    return ""


def assert_all_work(settings: Settings) -> None:
    assert connections.clickhouse(settings).query("select 1").result_rows == [(1,)]
    with connections.postgres(settings) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert connections.s3(settings).list_objects_v2(Bucket=settings.s3.path)["Name"] == settings.s3.path


def test_a_first_start_gives_three_servers(checkout: Callable[..., Settings]) -> None:
    supervisor = Supervisor(checkout("started"))
    outcomes = supervisor.ensure()
    assert {outcome.name for outcome in outcomes if outcome.started} == set(SERVICES)
    assert_all_work(supervisor.settings())
    stop_services(supervisor.settings())


def test_asking_again_starts_nothing(first: Settings) -> None:
    before = processes(first)
    ensure_services(first)
    assert processes(first) == before


@pytest.mark.parametrize("name", list(SERVICES))
def test_a_killed_service_is_started_again_and_keeps_its_data(first: Settings, name: str) -> None:
    client = connections.clickhouse(first)
    client.command("create database if not exists stir")
    client.command("create or replace table stir.kept (a UInt8) engine = MergeTree order by a")
    client.command("insert into stir.kept select 1")
    with connections.postgres(first) as connection:
        connection.execute("create table if not exists kept as select 1 as a")
    connections.s3(first).put_object(Bucket=first.s3.path, Key="kept", Body=b"1")
    before = processes(first)

    before[name].send_signal(signal.SIGKILL)
    again = ensure_services(first)

    after = processes(again)
    assert {service for service in SERVICES if after[service] != before[service]} == {name}
    assert connections.clickhouse(again).query("select count() from stir.kept").result_rows == [(1,)]
    with connections.postgres(again) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1,)
    assert connections.s3(again).get_object(Bucket=again.s3.path, Key="kept")["Body"].read() == b"1"


def test_all_killed_at_once_come_back(first: Settings) -> None:
    for server in processes(first).values():
        server.send_signal(signal.SIGKILL)
    assert_all_work(ensure_services(first))


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
        seconds=120,
        give_up=lambda: failed.is_set(),
    )
    server.send_signal(signal.SIGKILL)
    again = ensure_services(first)
    worker.join(120)
    assert failed.is_set()
    with connections.postgres(again) as connection:
        assert connection.execute("select count(*) from orphaned").fetchone() == (0,)
        connection.execute("drop table orphaned")


def test_the_query_log_survives_a_restart(first: Settings) -> None:
    """`clickhouse local` by itself loses the table at the second start."""
    mark = f"select 'mark {time.time_ns()}'"
    client = connections.clickhouse(first)
    client.query(mark)
    client.command("system flush logs")
    processes(first)["clickhouse"].send_signal(signal.SIGKILL)
    client = connections.clickhouse(ensure_services(first))
    client.query("select 2")
    client.command("system flush logs")
    found = client.query("select count() from system.query_log where startsWith(query, {q:String})", {"q": mark})
    assert found.result_rows[0][0] >= 1


def test_two_commands_at_once_start_each_service_once(first: Settings) -> None:
    stop_services(first)
    code = (
        "import sys; from pathlib import Path; from stir.local import ensure_services; from stir.settings import *;"
        "ensure_services(Settings(_env_file=None, state_dir=Path(sys.argv[1]), cache_dir=Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", code, str(first.state_dir), str(first.cache_dir)]
    variables = {**os.environ, "PYTHONPATH": str(PROJECT_DIR / "plugins")}
    running = [subprocess.Popen(command, env=variables) for _ in range(3)]
    assert [child.wait(60) for child in running] == [0, 0, 0]
    for name in SERVICES:
        assert len(list(process.find_all(Supervisor(first).service(name).marker))) == 1
    assert_all_work(ensure_services(first))


def test_two_checkouts_live_side_by_side_and_down_stops_one(first: Settings, checkout: Callable[..., Settings]) -> None:
    second = ensure_services(checkout("second"))
    connections.clickhouse(second).command("create database only_second")
    databases = connections.clickhouse(first).query("select name from system.databases").result_columns[0]
    assert "only_second" not in databases
    ours, others = family(second), family(first)
    assert len(ours) >= 3

    assert set(stop_services(second)) == set(SERVICES)

    assert process.wait_gone(ours, 1)[1] == []
    assert all(member.is_running() for member in others)
    assert_all_work(first)
    assert stop_services(second) == []
    assert [row.state for row in inspect(second)] == ["down"] * 3


def test_down_does_not_wait_for_long_work_and_loses_nothing_committed(
    first: Settings, checkout: Callable[..., Settings]
) -> None:
    busy = ensure_services(checkout("busy"))
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
        assert long.exception(120) is not None
    again = connections.clickhouse(ensure_services(busy))
    assert again.query("select count() from stir.kept").result_rows == [(100000,)]
    stop_services(busy)


def test_the_servers_survive_the_command_that_started_them_and_its_ctrl_c(first: Settings) -> None:
    for server in processes(first).values():
        assert os.getsid(server.pid) == server.pid
        assert server.parent() is None or os.getpgid(server.pid) != os.getpgid(0)


def test_a_port_that_somebody_took_meanwhile_is_replaced_and_everything_follows(
    checkout: Callable[..., Settings],
) -> None:
    settings = ensure_services(checkout("moved"))
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


def test_a_demanded_port_that_is_taken_is_one_clear_line(checkout: Callable[..., Settings]) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with pytest.raises(StirError, match=f"port {port} is taken"):
            ensure_services(checkout("demanding", local_s3_port=port))


@pytest.mark.parametrize("name", list(SERVICES))
def test_a_wrong_password_of_ones_own_server_is_one_clear_line(
    first: Settings, checkout: Callable[..., Settings], name: str
) -> None:
    field = SERVICES[name].settings_fields[0]
    url = getattr(first, field)
    endpoint = url.get_secret_value()
    password = endpoint.split(":")[2].split("@")[0]
    wrong = type(url)(endpoint.replace(password, "wrong"))
    stranger = checkout("stranger", **{field: wrong})
    with pytest.raises(StirError, match=r"refuses the password of `.*STIR_") as caught:
        ensure_services(stranger, [name])
    assert "\n" not in caught.value.line
    assert "wrong" not in caught.value.line
    assert not stranger.state_dir.joinpath(name).exists()


def test_ones_own_server_is_used_and_never_stopped(first: Settings, checkout: Callable[..., Settings]) -> None:
    guest = ensure_services(checkout("guest", clickhouse_url=first.clickhouse_url), ["clickhouse"])
    assert guest.clickhouse.port == first.clickhouse.port
    assert stop_services(guest) == []
    assert "clickhouse" in processes(first)


def test_an_edited_services_env_is_put_right(first: Settings) -> None:
    path = first.state_dir / "services.env"
    good = path.read_text()
    path.write_text(good.replace("stir_writer:", "stir_writer:edited"))
    edited = Settings(_env_file=path, state_dir=first.state_dir, cache_dir=first.cache_dir)
    assert_all_work(ensure_services(edited))
    assert path.read_text() == good


def test_lost_credentials_are_told_and_nothing_half_up_remains(checkout: Callable[..., Settings]) -> None:
    settings = ensure_services(checkout("forgetful"))
    stop_services(settings)
    credentials = settings.state_dir / "credentials.json"
    kept = credentials.read_text()
    credentials.unlink()
    bare = checkout("forgetful")
    for _ in range(2):
        with pytest.raises(StirError, match=r"PostgreSQL does not let stir in.*credentials\.json"):
            ensure_services(bare)
    assert "postgres" not in processes(bare)
    stop_services(bare)
    credentials.write_text(kept)
    assert_all_work(ensure_services(bare))
    stop_services(bare)


def test_a_service_that_dies_at_start_is_quoted(checkout: Callable[..., Settings]) -> None:
    settings = ensure_services(checkout("broken"), ["postgres"])
    stop_services(settings)
    control = settings.state_dir / "postgres" / "data" / "global" / "pg_control"
    control.unlink()
    with pytest.raises(StirError, match=r"PostgreSQL ended while starting: .*pg_control.*postgres\.log"):
        ensure_services(settings, ["postgres"])


def test_a_full_disk_is_one_clear_line(first: Settings, checkout: Callable[..., Settings]) -> None:
    """A file system of a few kilobytes, where the machine lets us mount one."""
    state_dir = checkout("full").state_dir
    state_dir.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(state_dir)], capture_output=True)
    if mounted.returncode != 0:
        state_dir.chmod(0o500)  # without mounting: a folder that cannot be written to ends the same way
        if os.geteuid() == 0:
            state_dir.rmdir()
            state_dir.write_text("in the way")
    try:
        with pytest.raises(StirError) as caught:
            ensure_services(checkout("full"))
        assert "\n" not in caught.value.line
        assert str(state_dir) in caught.value.line
    finally:
        stop_services(checkout("full"))
        if mounted.returncode == 0:
            subprocess.run(["umount", str(state_dir)], check=True)


def test_the_clickhouse_reader_reads_the_warehouse_and_does_nothing_else(first: Settings) -> None:
    client = connections.clickhouse(first)
    client.command("create database if not exists stir")
    client.command("create database if not exists events")
    client.command("create or replace table stir.seen (a UInt8) engine = MergeTree order by a")
    client.command("create or replace table events.unseen (a UInt8) engine = MergeTree order by a")
    reader = connections.clickhouse(first, role="reader")
    assert reader.query("select count() from stir.seen").result_rows == [(0,)]
    for statement in (
        "select * from events.unseen",
        "insert into stir.seen values (1)",
        "alter table stir.seen delete where 1",
        "truncate table stir.seen",
        "drop table stir.seen",
        "create table stir.more (a UInt8) engine = Memory",
        "create database more",
        "select * from system.query_log",
        "select * from system.named_collections",
        "select * from file('/etc/passwd', 'LineAsString')",
        "select * from url('http://127.0.0.1:1/', 'LineAsString')",
        "select * from s3(stir_s3, filename = 'kept', format = 'LineAsString')",
        "select * from remote('127.0.0.1', 'system.one')",
        "create user more",
        "system flush logs",
        "kill query where 1",
    ):
        with pytest.raises(DatabaseError, match=r"ACCESS_DENIED|READONLY|Not enough privileges"):
            reader.command(statement)
    with pytest.raises(DatabaseError, match="max_memory_usage"):
        reader.query("select 1 settings max_memory_usage = 1000000000000")


@pytest.mark.parametrize("target", ["prod", "staging"])
def test_the_postgres_reader_reads_what_the_writer_makes_and_does_nothing_else(first: Settings, target: str) -> None:
    with connections.postgres(first, target=target, autocommit=True) as writer:
        writer.execute("create schema if not exists later; create table if not exists later.seen (a int)")
        writer.execute("create table if not exists seen (a int)")
        database = writer.info.dbname
    with psycopg.connect(reader_dsn(first, database), autocommit=True) as connection:
        assert connection.execute("select count(*) from seen, later.seen").fetchone() == (0,)
        for statement in (
            "insert into seen values (1)",
            "update seen set a = 1",
            "delete from seen",
            "truncate seen",
            "drop table seen",
            "create table more (a int)",
            "create temporary table more (a int)",
            "create schema more",
            "create role more",
            "copy seen to program 'cat'",
            "select pg_read_file('postgresql.conf')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


@pytest.mark.parametrize("database", ["airflow", "beat", "postgres", "template1"])
def test_the_postgres_reader_does_not_get_into_other_databases(first: Settings, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(reader_dsn(first, database))


def reader_dsn(settings: Settings, database: str) -> str:
    return settings.postgres_dsn("reader").rsplit("/", 1)[0] + f"/{database}"


def test_the_writer_is_not_an_administrator(first: Settings) -> None:
    client = connections.clickhouse(first)
    for statement in (
        "create user more",
        "select * from file('/etc/passwd', 'LineAsString')",
        "select * from url('http://127.0.0.1:1/', 'LineAsString')",
        "system shutdown",
        "drop named collection stir_s3",
    ):
        with pytest.raises(DatabaseError, match=r"ACCESS_DENIED|Not enough privileges"):
            client.command(statement)
    with connections.postgres(first, autocommit=True) as connection:
        for statement in ("create role more", "create database more", "alter system set work_mem = '1GB'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_clickhouse_lets_nobody_in_without_a_password(first: Settings) -> None:
    import httpx

    base = f"http://127.0.0.1:{first.clickhouse.port}"
    for headers in ({}, {"X-ClickHouse-User": "default"}, {"X-ClickHouse-User": "stir_writer"}):
        assert httpx.post(base, headers=headers, content="select 1").status_code in (401, 403, 500)


def test_every_permission_check_of_the_doctor_passes_on_healthy_services(first: Settings) -> None:
    for check in permissions.CHECKS:
        assert check.applies(first)
        assert check.test(first)


def test_the_doctor_notices_a_reader_that_may_write(first: Settings) -> None:
    check = next(check for check in permissions.CHECKS if check.title == "PostgreSQL reader")
    with connections.postgres(first, autocommit=True) as connection:
        connection.execute("create table if not exists open_to_all (a int)")
        connection.execute("grant insert on open_to_all to stir_reader")
        with pytest.raises(StirError, match="may write to open_to_all"):
            check.test(first)
        connection.execute("drop table open_to_all")


def test_no_command_line_and_no_log_holds_a_password(first: Settings) -> None:
    ensure_services(first)
    passwords = list(json.loads((first.state_dir / "credentials.json").read_text()).values())
    shown = [" ".join(member.cmdline()) for member in family(first)]
    shown += [path.read_text("utf-8", "replace") for path in (first.state_dir / "logs").iterdir()]
    assert not any(password in text for password in passwords for text in shown)


def test_every_file_with_a_password_is_the_owners_alone(first: Settings) -> None:
    for name in ("credentials.json", "services.env", "clickhouse/config.xml", "clickhouse/users.xml"):
        assert (first.state_dir / name).stat().st_mode & 0o077 == 0, name


def test_a_clickhouse_binary_serves_as_well(
    checkout: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that takes the command line of `clickhouse`, here made of the same engine."""
    library = engine.ensure_engine(load_settings())
    program = tmp_path / "clickhouse"
    program.write_text(
        f"#!{sys.executable}\n"
        "import ctypes, os, sys\n"
        "arguments = [b'clickhouse', *map(os.fsencode, sys.argv[2:])]\n"
        f"library = ctypes.CDLL({str(library)!r})\n"
        "library.chdb_query_cmdline(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments))\n"
        "os._exit(0)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    settings = checkout("binary", cache_dir=tmp_path / "empty")
    settings = ensure_services(settings, ["clickhouse"])
    server = processes(settings)["clickhouse"]
    children = server.children()
    assert any(str(program) in child.cmdline() for child in children)
    assert connections.clickhouse(settings).query("select 1").result_rows == [(1,)]

    server.send_signal(signal.SIGKILL)  # the child reads from a pipe of its parent and ends with it
    assert process.wait_gone(children, 10)[1] == []
    ensure_services(settings, ["clickhouse"])
    assert stop_services(settings) == ["clickhouse"]


def test_root_may_keep_the_checkout_in_a_closed_folder(checkout: Callable[..., Settings]) -> None:
    """PostgreSQL refuses to run as root; its stand-in user must get through a folder such as /root."""
    settings = checkout("closed")
    settings.state_dir.parent.chmod(0o700)
    settings = ensure_services(settings, ["postgres"])
    server = processes(settings)["postgres"]
    assert server.uids().effective != 0
    with connections.postgres(settings) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    stop_services(settings)


def test_root_may_keep_the_checkout_in_an_open_folder(checkout: Callable[..., Settings]) -> None:
    parent = PROJECT_DIR / ".stir" / "open"
    state_dir = parent / "state"
    settings = checkout("open", state_dir=state_dir)
    try:
        settings = ensure_services(settings, ["postgres"])
        with connections.postgres(settings) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert state_dir.stat().st_mode & 0o777 == 0o711
    finally:
        stop_services(settings)
        shutil.rmtree(parent)
