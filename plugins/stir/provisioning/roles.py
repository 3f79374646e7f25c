"""Creates roles and databases in PostgreSQL: owners, the writer, and the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

from stir.addresses import Endpoint
from stir.errors import StirError
from stir.settings import Settings

_PREPARED = "prepared by stir"  # a comment on each database, set in the transaction that grants its privileges


@dataclass(frozen=True)
class Roles:
    """The roles and databases that a server must have.

    Attributes:
        admin: keywords of a connection as a role that may create roles and databases.
        names: writer, reader and the owners to their role names.
        passwords: the same roles to their passwords; used only when a role is created.
        serving: databases that the writer publishes into and the reader reads.
        owned: database to the role (a key of `names`) that owns it.
        advice: what the user should do if the administrator's login is refused.
    """

    admin: Mapping[str, str | int]
    names: Mapping[str, str]
    passwords: Mapping[str, str]
    serving: tuple[str, ...]
    owned: Mapping[str, str]
    advice: str


def configured(settings: Settings) -> Roles:
    """The roles in the addresses of the settings, for the server of STIR_POSTGRES_ADMIN_URL.

    Raises:
        StirError: one of the addresses is not set.
    """
    admin = Endpoint(settings.postgres_dsn("admin"))
    addresses = {
        "writer": Endpoint(settings.postgres_dsn()),
        "reader": Endpoint(settings.postgres_dsn("reader")),
        "airflow": Endpoint(settings.airflow_dsn()),
        "beat": Endpoint(settings.beat_dsn()),
    }
    return Roles(
        admin={"host": admin.host, "port": admin.port, "user": admin.user, "password": admin.password},
        names={role: address.user for role, address in addresses.items()},
        passwords={role: address.password for role, address in addresses.items()},
        serving=(addresses["writer"].path, Endpoint(settings.postgres_dsn(target="staging")).path),
        owned={addresses[role].path: role for role in ("airflow", "beat")},
        advice="check the address, the role and its password",
    )


def ensure(roles: Roles, where: str) -> None:
    """Create the roles and databases that are missing or incomplete. The others are not changed.

    Errors name `where`: the embedded server's log, or the setting that holds the address.

    Raises:
        StirError: the server cannot be reached, or refuses the administrator.
    """
    databases = (*roles.serving, *roles.owned)
    try:
        with _connect(roles, "postgres") as connection:
            _create_roles(connection, roles)
            query: LiteralString = "select datname, shobj_description(oid, 'pg_database') from pg_database"
            prepared: dict[str, str | None] = dict(connection.execute(query).fetchall())
            for database in (database for database in databases if database not in prepared):
                owner = roles.names[roles.owned[database]] if database in roles.owned else str(roles.admin["user"])
                statement = sql.SQL("create database {} owner {}")
                connection.execute(statement.format(sql.Identifier(database), sql.Identifier(owner)))
        for database in databases:
            if prepared.get(database) != _PREPARED:
                with _connect(roles, database) as connection, connection.transaction():
                    _open_database(connection, database, roles)
    except psycopg.OperationalError as error:
        lines = str(error).strip().splitlines()
        if "FATAL" not in str(error):  # no server has answered
            reason = lines[0].removeprefix("connection failed: ")
            advice = "start the server, or correct the address"
            raise StirError(f"PostgreSQL cannot be reached: {reason}", where=where, do=advice) from None
        raise StirError(f"PostgreSQL refuses the login: {lines[-1]}", where=where, do=roles.advice) from None


def _connect(roles: Roles, database: str) -> psycopg.Connection:
    return psycopg.connect(**roles.admin, dbname=database, autocommit=True, connect_timeout=5)  # type: ignore[arg-type]


def _create_roles(connection: psycopg.Connection, roles: Roles) -> None:
    known = {str(name) for (name,) in connection.execute("select rolname from pg_roles")}
    if known.issuperset(roles.names.values()):
        return
    with connection.transaction():
        for role, name in roles.names.items():
            if name not in known:
                statement = sql.SQL("create role {} login password {}")
                connection.execute(statement.format(sql.Identifier(name), sql.Literal(roles.passwords[role])))
        # The publisher waits for old snapshots, which only roles with pg_read_all_stats can see.
        connection.execute(sql.SQL("grant pg_read_all_stats to {writer}").format(**_identifiers(roles)))
        connection.execute("revoke connect on database postgres, template1 from public")


def _open_database(connection: psycopg.Connection, database: str, roles: Roles) -> None:
    statements = ["revoke all on database {database} from public"]
    if database in roles.serving:
        statements += [
            "grant connect, create, temporary on database {database} to {writer}",
            "grant connect on database {database} to {reader}",
            "grant usage, create on schema public to {writer}",
            "grant usage on schema public to {reader}",
            "alter default privileges for role {writer} grant select on tables to {reader}",
            "alter default privileges for role {writer} grant usage on schemas to {reader}",
        ]
    statements.append("comment on database {database} is {prepared}")
    names = {"database": sql.Identifier(database), "prepared": sql.Literal(_PREPARED), **_identifiers(roles)}
    for statement in statements:
        connection.execute(sql.SQL(statement).format(**names))


def _identifiers(roles: Roles) -> dict[str, sql.Composable]:
    return {role: sql.Identifier(name) for role, name in roles.names.items()}
