"""Roles and databases of the embedded PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from stir.errors import StirError
from stir.local.credentials import POSTGRES_ROLES, Credentials
from stir.local.ports import LOOPBACK

_SERVING = ("stir", "stir_staging")
_OWNED = {"airflow": "airflow", "beat": "beat"}  # database → the role that owns it
_PREPARED = "prepared by stir"  # a comment, put on each database in the transaction that opens it to its roles


def ensure(port: int, credentials: Credentials, log: Path) -> None:
    """Make the roles and databases that are missing or were left half-made; the others stay as they are.

    Raises:
        StirError: the server refuses the administrator's password.
    """
    try:
        with _connect(port, credentials, "postgres") as connection:
            _create_roles(connection, credentials)
            query: LiteralString = "select datname, shobj_description(oid, 'pg_database') from pg_database"
            prepared: dict[str, str | None] = dict(connection.execute(query).fetchall())
            missing = [database for database in (*_SERVING, *_OWNED) if database not in prepared]
            for database in missing:
                owner = sql.Identifier(_OWNED.get(database, POSTGRES_ROLES["admin"]))
                connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(database), owner))
        for database in (*_SERVING, *_OWNED):
            if prepared.get(database) != _PREPARED:
                with _connect(port, credentials, database) as connection, connection.transaction():
                    _open_database(connection, database)
    except psycopg.OperationalError as error:
        raise StirError(
            f"PostgreSQL does not let stir in: {str(error).strip().splitlines()[-1]}",
            where=str(log),
            do="if credentials.json was changed or lost, restore it, or `stir down` and remove the postgres folder",
        ) from None


def _connect(port: int, credentials: Credentials, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=LOOPBACK,
        port=port,
        user=POSTGRES_ROLES["admin"],
        password=credentials["postgres_admin"],
        dbname=database,
        autocommit=True,
        connect_timeout=5,
    )


def _create_roles(connection: psycopg.Connection, credentials: Credentials) -> None:
    known = {str(name) for (name,) in connection.execute("select rolname from pg_roles")}
    if known.issuperset(POSTGRES_ROLES.values()):
        return
    with connection.transaction():
        for role, name in POSTGRES_ROLES.items():
            if name not in known:
                statement = sql.SQL("create role {} login password {}")
                password = sql.Literal(credentials[f"postgres_{role}"])
                connection.execute(statement.format(sql.Identifier(name), password))
        # The publisher waits for old snapshots, which only those who may read all statistics can see.
        connection.execute(sql.SQL("grant pg_read_all_stats to {writer}").format(**_identifiers()))
        connection.execute("revoke connect on database postgres, template1 from public")


def _open_database(connection: psycopg.Connection, database: str) -> None:
    statements = ["revoke all on database {database} from public"]
    if database in _SERVING:
        statements += [
            "grant connect, create, temporary on database {database} to {writer}",
            "grant connect on database {database} to {reader}",
            "grant usage, create on schema public to {writer}",
            "grant usage on schema public to {reader}",
            "alter default privileges for role {writer} grant select on tables to {reader}",
            "alter default privileges for role {writer} grant usage on schemas to {reader}",
        ]
    statements.append("comment on database {database} is {prepared}")
    names = {"database": sql.Identifier(database), "prepared": sql.Literal(_PREPARED), **_identifiers()}
    for statement in statements:
        connection.execute(sql.SQL(statement).format(**names))


def _identifiers() -> dict[str, sql.Composable]:
    return {role: sql.Identifier(name) for role, name in POSTGRES_ROLES.items()}
