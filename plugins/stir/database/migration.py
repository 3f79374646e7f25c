"""Bring the application's tables to the newest form: each file of schema/ once, in order, all or nothing.

Cheap when nothing is to be done (one query), so whoever needs the tables calls `prepare` first.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from stir import connections
from stir.errors import StirError
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

FOLDER = Path(__file__).parent / "migrations" / "application"
_LOCK = 7_318_001
"""Of pg_advisory_xact_lock: two runs that start at once must not both create the tables."""


@dataclass(frozen=True)
class Migration:
    """One file: its name, its statements, and the hash by which a later change of it is noticed."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Every file of schema/ in the order in which they run."""
    return [Migration(path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.sql"))]


def prepare(settings: Settings) -> list[str]:
    """Apply what has not been applied; returns the names of the files that were.

    Raises:
        StirError: a file was changed after it had been applied here.
        psycopg.OperationalError: PostgreSQL is away.
    """
    with connections.postgres(settings) as connection:
        return apply(connection, migrations())


def apply(connection: psycopg.Connection, wanted: list[Migration]) -> list[str]:
    """Apply the missing ones of `wanted` in one transaction of `connection`; returns their names."""
    if all(_applied(connection).get(each.name) == each.checksum for each in wanted):
        return []
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        applied = _applied(connection)  # somebody else may have been quicker
        missing = [each for each in wanted if each.name not in applied]
        for each in wanted:
            if applied.get(each.name, each.checksum) != each.checksum:
                raise StirError(
                    f"the schema file {each.name}.sql was changed after it had been applied",
                    where="table ops.migration",
                    do="put the change into a new file behind it",
                )
        for each in missing:
            connection.execute(each.sql)
            connection.execute("insert into ops.migration (name, checksum) values (%s, %s)", [each.name, each.checksum])
        return [each.name for each in missing]


def _applied(connection: psycopg.Connection) -> dict[str, str]:
    """Name and checksum of what has been applied; empty on a database without our tables."""
    if not connections.table_exists(connection, "ops.migration"):
        return {}
    return {
        str(name): str(checksum) for name, checksum in connection.execute("select name, checksum from ops.migration")
    }
