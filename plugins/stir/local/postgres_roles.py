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


def ensure(port: int, credentials: Credentials, log: Path) -> None:
    """Make the roles and databases that are missing; those that exist stay as they are.

    Raises:
        StirError: the server refuses the administrator's password.
    """
    try:
        with _connect(port, credentials, "postgres") as connection:
            roles = _names(connection, "select rolname from pg_roles")
            for role, name in POSTGRES_ROLES.items():
                if name not in roles:
                    _create_role(connection, name, credentials[f"postgres_{role}"])
            databases = _names(connection, "select datname from pg_database")
            for database in (*_SERVING, *_OWNED):
                if database not in databases:
                    _create_database(connection, database)
        for database in _SERVING:
            if database not in databases:
                with _connect(port, credentials, database) as connection:
                    _open_schema(connection)
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


def _names(connection: psycopg.Connection, query: LiteralString) -> set[str]:
    return {str(name) for (name,) in connection.execute(query)}


def _create_role(connection: psycopg.Connection, name: str, password: str) -> None:
    statement = sql.SQL("create role {} login password {}")
    connection.execute(statement.format(sql.Identifier(name), sql.Literal(password)))
    if name == POSTGRES_ROLES["writer"]:
        # The publisher waits for old snapshots, which only those who may read all statistics can see.
        connection.execute(sql.SQL("grant pg_read_all_stats to {}").format(sql.Identifier(name)))


def _create_database(connection: psycopg.Connection, database: str) -> None:
    name = sql.Identifier(database)
    owner = sql.Identifier(_OWNED.get(database, POSTGRES_ROLES["admin"]))
    connection.execute(sql.SQL("create database {} owner {}").format(name, owner))
    connection.execute(sql.SQL("revoke all on database {} from public").format(name))
    if database in _SERVING:
        writer, reader = sql.Identifier(POSTGRES_ROLES["writer"]), sql.Identifier(POSTGRES_ROLES["reader"])
        connection.execute(sql.SQL("grant connect, create, temporary on database {} to {}").format(name, writer))
        connection.execute(sql.SQL("grant connect on database {} to {}").format(name, reader))


def _open_schema(connection: psycopg.Connection) -> None:
    writer, reader = sql.Identifier(POSTGRES_ROLES["writer"]), sql.Identifier(POSTGRES_ROLES["reader"])
    for statement in (
        "grant usage, create on schema public to {writer}",
        "grant usage on schema public to {reader}",
        "alter default privileges for role {writer} grant select on tables to {reader}",
        "alter default privileges for role {writer} grant usage on schemas to {reader}",
    ):
        connection.execute(sql.SQL(statement).format(writer=writer, reader=reader))
