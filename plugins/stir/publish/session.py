"""PostgreSQL sessions of a publish. No setting of role, database or server changes their meaning or ends a load.

Settings that change what a statement means get one value here, whatever `alter role` or `alter database` says.
Time-outs are taken from the server's own list and switched off. All else (memory, tablespaces) is the operator's to
set, and `stir doctor` and `stir prepare` say what is set.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, LiteralString

from stir import connections
from stir.connections import Target
from stir.errors import StirError
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

SETTINGS = {
    "search_path": "pg_catalog",  # every name is written in full, so nobody's search path can redirect one
    "TimeZone": "UTC",
    "DateStyle": "ISO,YMD",
    "IntervalStyle": "postgres",
    "client_encoding": "UTF8",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmlbinary": "base64",
    "xmloption": "content",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
    "row_security": "on",
    "exit_on_error": "off",  # the swap releases its locks after an error and tries again
    "gin_fuzzy_search_limit": "0",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "restrict_nonsystem_relation_kind": "",
    "statement_timeout": "0",
    "transaction_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
}
"""Settings that any role may change, with the value that a publish means. They are given when a session starts, because
the time-outs among them could end the very statement that switches the others off."""

NOT_OURS = {"session_replication_role": "origin", "ignore_checksum_failure": "off", "zero_damaged_pages": "off"}
"""Settings that only a superuser may change, and with which a publish would not be what it proves to be."""

_TIMEOUTS: LiteralString = """
select set_config(name, '0', false) from pg_settings
where name like '%\\_timeout' and context = 'user' and min_val = '0' and setting <> '0'
"""
_STRANGE: LiteralString = "select name, setting from pg_settings where setting <> %s::jsonb ->> name"
_SET: LiteralString = """
select name || ' = ' || coalesce(nullif(setting, ''), 'nothing') || coalesce(unit, '') from pg_settings
where source in ('global', 'database', 'user', 'database user') order by name
"""


def writer(settings: Settings, target: Target, *, purpose: str = "", autocommit: bool = True) -> psycopg.Connection:
    """A connection as the writer; `purpose` shows in pg_stat_activity.

    Raises:
        StirError: the role or the database has a setting that only a superuser may change and that breaks a publish.
    """
    connection = connections.postgres(
        settings,
        target=target,
        autocommit=True,
        application_name=f"stir publish {purpose}".strip(),
        options=options(),
        keepalives_idle=30,
    )
    connection.execute(_TIMEOUTS)
    if found := connection.execute(_STRANGE, [json.dumps(NOT_OURS)]).fetchone():
        where = f"{connection.info.user}, {connection.info.dbname}"
        connection.close()
        raise StirError(
            f"the role or the database sets {found[0]} to {found[1]}, which a publish cannot work with",
            where=where,
            do=f"reset it as a superuser: `alter role ... reset {found[0]}`, or `alter database ...`",
        )
    connection.autocommit = autocommit
    return connection


def options() -> str:
    """`SETTINGS` as libpq's `options` (or PGOPTIONS): they hold before the first statement, whatever the role sets."""
    return " ".join(f"-c {name}={_escaped(value)}" for name, value in SETTINGS.items())


def statements() -> str:
    """The same for a psql that runs a script in one transaction, if its service's own `options` hide PGOPTIONS.

    The transaction has begun before the script can set anything.
    """
    settings = " ".join(f"set {name} = '{value}';" for name, value in SETTINGS.items() if name != "search_path")
    return (
        "set transaction isolation level read committed read write; set search_path = pg_catalog; "
        f"{settings} do $stir$ begin perform {_TIMEOUTS.strip().removeprefix('select ')}; end $stir$;"
    )


def kept_settings(connection: psycopg.Connection) -> list[str]:
    """What `alter role` or `alter database` sets for a session of `writer` and a publish leaves alone."""
    return [row[0] for row in connection.execute(_SET).fetchall()]


def _escaped(value: str) -> str:
    """A value in the `options` of a connection: a blank would end it."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
