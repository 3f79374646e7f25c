"""PostgreSQL connections of a publish: one rendering of dates and times, no time-outs that a long load would meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stir import connections
from stir.connections import Target
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

_OPTIONS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO,YMD",
    "client_encoding": "UTF8",
    "search_path": "pg_catalog",  # every name is written in full, so nobody's search path can redirect one
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "default_transaction_isolation": r"read\ committed",
    "default_transaction_read_only": "off",
}


def writer(settings: Settings, target: Target, *, purpose: str = "", autocommit: bool = True) -> psycopg.Connection:
    """A connection as the writer; `purpose` shows in pg_stat_activity."""
    return connections.postgres(
        settings,
        target=target,
        autocommit=autocommit,
        application_name=f"stir publish {purpose}".strip(),
        options=" ".join(f"-c {name}={value}" for name, value in _OPTIONS.items()),
        keepalives_idle=30,
    )
