"""Every table of ours in PostgreSQL comes by one way: cheap, safe beside a twin, and kind to a database that has it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from stir import connections
from stir.database import APPLICATION, BEAT, COLLECTOR, PUBLISH, Tables, apply
from stir.database.migration import migrations
from stir.errors import StirError
from stir.settings import Settings

BEFORE = Path(__file__).with_name("own_tables_before")
ROWS: dict[Tables, LiteralString] = {
    PUBLISH: """
        insert into stir.run (run_id, table_name, token) values ('first', 'board', 'abcd');
        insert into stir.lease values ('board', 'first');
        insert into stir.generation values ('board', 1, 'publish', 1, 'first', 'board__abcd', 4711, 10, 100, 'crc32:1',
            'print', '2026-06-15', '{"mode": "rename"}');
        insert into stir.contract_change (table_name, shape, change, effective_at) values ('board', 's', 'c', now());
        insert into stir.table_record values ('board', 4711, '[]');
    """,
    BEAT: """
        insert into scrape_request_log (idempotency_key, platform, flow, params, priority, created_at, expires_at)
        select 'key ' || number, 'INSTAGRAM', 'flow', '{}', 1, now(), now() from generate_series(1, 100) as number;
    """,
}
HELD: dict[Tables, tuple[str, ...]] = {
    PUBLISH: ("stir.run", "stir.lease", "stir.generation", "stir.contract_change", "stir.table_record"),
    BEAT: ("public.scrape_request_log",),
}
SHAPE: LiteralString = """
select relname::text, relkind::text, reloptions::text, coalesce(pg_get_indexdef(oid), ''), (
    select string_agg(format('%s %s %s', attname, format_type(atttypid, atttypmod), attnotnull), ', ' order by attnum)
    from pg_attribute where attrelid = pg_class.oid and attnum > 0
),
    (select string_agg(pg_get_constraintdef(link.oid), ', ' order by conname) from pg_constraint as link
        where conrelid = pg_class.oid),
    (select string_agg(description, ', ' order by objsubid) from pg_description where objoid = pg_class.oid)
from pg_class where relnamespace in (select oid from pg_namespace where nspname in ('stir', 'public'))
order by 1
"""


class Counted(psycopg.Connection[Any]):
    """A connection that counts its statements."""

    statements = 0

    def execute(self, *args: Any, **kwargs: Any) -> psycopg.Cursor[Any]:
        """As psycopg's."""
        self.statements += 1
        return super().execute(*args, **kwargs)


Connect = Callable[..., psycopg.Connection[Any]]


@pytest.fixture
def connect(settings: Settings) -> Iterator[Connect]:
    """Opens sessions in a database that holds nothing; by default as its owner."""
    name = f"tables_{secrets.token_hex(3)}"
    opened: list[psycopg.Connection[Any]] = []

    def session(role: connections.Role = "writer", kind: type[psycopg.Connection[Any]] = psycopg.Connection) -> Any:
        opened.append(kind.connect(settings.postgres_dsn(role), dbname=name, autocommit=True))
        return opened[-1]

    with connections.postgres(settings, role="admin", autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} owner stir_writer").format(sql.Identifier(name)))
        yield session
        for connection in opened:
            connection.close()
        admin.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))


@pytest.mark.parametrize("tables", [APPLICATION, PUBLISH, BEAT, COLLECTOR], ids=lambda tables: tables.folder)
def test_runs_that_start_at_once_create_the_tables_once_and_later_ones_ask_once(
    connect: Connect, tables: Tables
) -> None:
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(lambda session: apply(session, tables), [connect() for _ in range(4)]))
    assert sorted(map(len, applied)) == [0, 0, 0, len(migrations(tables))]
    later = connect(kind=Counted)
    assert apply(later, tables) == []
    assert later.statements == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("tables", [PUBLISH, BEAT], ids=lambda tables: tables.folder)
def test_tables_of_an_older_version_are_adopted_with_all_their_rows(connect: Connect, tables: Tables) -> None:
    session = connect()
    session.execute((BEFORE / f"{tables.folder}.sql").read_bytes())
    session.execute(ROWS[tables])
    before = {table: rows(session, table) for table in HELD[tables]}
    assert min(map(len, before.values())) > 0
    assert apply(session, tables) == [each.name for each in migrations(tables)]
    # New columns come after the old ones.
    after = {table: [row[: len(before[table][0])] for row in rows(session, table)] for table in HELD[tables]}
    assert after == before
    assert apply(session, tables) == []
    adopted = session.execute(SHAPE).fetchall()
    session.execute("drop schema public cascade; drop schema if exists stir cascade; create schema public")
    apply(session, tables)
    assert session.execute(SHAPE).fetchall() == adopted, "an adopted database is as a new one"


def test_one_database_may_hold_the_tables_of_all(connect: Connect) -> None:
    session = connect()
    for tables in (BEAT, COLLECTOR, PUBLISH, APPLICATION):
        assert apply(session, tables) == [each.name for each in migrations(tables)]


def test_an_older_queue_is_found_anywhere_on_the_search_path(connect: Connect) -> None:
    session = connect()
    session.execute((BEFORE / "beat.sql").read_bytes())
    session.execute(ROWS[BEAT])
    session.execute("create schema own; set search_path = own, public")
    apply(session, BEAT)
    assert len(rows(session, "scrape_request_log")) == 100, "no empty queue stands in front of it"


def test_a_role_without_the_right_to_create_uses_tables_that_another_created(connect: Connect) -> None:
    owner, guest = connect(), connect("reader")
    with pytest.raises(StirError, match=r"the role stir_reader may not create or change stir's own tables"):
        apply(guest, BEAT)
    apply(owner, BEAT)
    owner.execute("grant select on stir_migration to stir_reader")
    assert apply(guest, BEAT) == []


def test_a_session_in_a_transaction_of_its_own_keeps_it(connect: Connect) -> None:
    session = connect()
    with session.transaction():
        session.execute("create temporary table mine (id int)")
        apply(session, BEAT)
        assert rows(session, "mine") == rows(session, "scrape_request_log") == []


def rows(session: psycopg.Connection[Any], table: str) -> list[tuple[Any, ...]]:
    return session.execute(f"select * from {table} as held order by held::text").fetchall()
