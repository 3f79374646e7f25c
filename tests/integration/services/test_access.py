"""Who may do what on the embedded services."""

from __future__ import annotations

import json

import psycopg
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from stir import connections
from stir.connections import Target
from stir.errors import StirError
from stir.local import ensure_services
from stir.provisioning import permissions
from stir.settings import Settings

from .conftest import family


def test_the_clickhouse_reader_reads_the_warehouse_and_does_nothing_else(first: Settings) -> None:
    client = connections.clickhouse(first)
    client.command("create database if not exists stir")
    client.command("create database if not exists events")
    client.command("create or replace table stir.seen (a UInt8) engine = MergeTree order by a")
    client.command("create or replace table events.unseen (a UInt8) engine = MergeTree order by a")
    client.command("create database if not exists `dev of it's own`")
    client.command("create or replace table `dev of it's own`.seen (a UInt8) engine = MergeTree order by a")
    client.command("system flush logs")  # makes the table of the query log
    reader = connections.clickhouse(first, role="reader")
    assert reader.query("select count() from stir.seen").result_rows == [(0,)]
    assert reader.query("select count() from `dev of it's own`.seen").result_rows == [(0,)]
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
def test_the_postgres_reader_reads_what_the_writer_makes_and_does_nothing_else(first: Settings, target: Target) -> None:
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


def test_clickhouse_refuses_logins_without_a_password(first: Settings) -> None:
    import httpx

    base = f"http://127.0.0.1:{first.clickhouse.port}"
    for headers in ({}, {"X-ClickHouse-User": "default"}, {"X-ClickHouse-User": "stir_writer"}):
        assert httpx.post(base, headers=headers, content="select 1").status_code in (401, 403, 500)


def test_every_permission_check_of_the_doctor_passes_on_healthy_services(first: Settings) -> None:
    for check in permissions.CHECKS:
        assert check.applies(first)
        assert check.test(first)


def test_the_doctor_notices_a_scorer_that_may_read_the_truth(first: Settings) -> None:
    check = next(check for check in permissions.CHECKS if check.title == "ClickHouse scorer")
    with pytest.raises(StirError, match="scorer holds `select on world"):
        check.test(first.model_copy(update={"clickhouse_scorer_url": first.clickhouse_url}))
    with pytest.raises(StirError, match="scorer lacks `insert on ds"):
        check.test(first.model_copy(update={"clickhouse_scorer_url": first.clickhouse_reader_url}))


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
