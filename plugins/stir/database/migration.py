"""Bring our tables in PostgreSQL to their newest form: each file of a folder once, in order, all or nothing.

Cheap when nothing is to be done (one query), so whoever needs the tables asks for them first. A database made before a
folder had a note of its files is adopted: those files create only what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from stir import connections
from stir.errors import StirError
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg

FOLDER = Path(__file__).parent / "migrations"
_LOCK = 7_318_001
"""Key for pg_advisory_xact_lock: two runs that start at once must not both create the tables."""


@dataclass(frozen=True)
class Tables:
    """Tables that live in one database: the folder of their files, and the table that notes which were applied.

    The first file of the folder creates that table. Its name is without a schema where the tables themselves have none
    and belong to whatever schema the connection creates in.
    """

    folder: str
    noted_in: str


APPLICATION = Tables("application", "ops.migration")
"""Schemas `campaign` and `ops`, in the production database."""
PUBLISH = Tables("publish", "stir.migration")
"""The ledger of what was published, in each database that is published into."""
BEAT = Tables("beat", "stir_migration")
"""The scrape queue, in beat's database, which may be on another server."""
COLLECTOR = Tables("collector", "collector.migration")
"""Credentials, limits and the quota ledger of the collector, beside the queue."""
AUTHENTICITY = Tables("authenticity", "authenticity.migration")
"""The runs of the scorer of followers, in the production database."""
INGEST = Tables("ingest", "ingest.migration")
"""The quarantine and the record of loaded files, in the production database."""


@dataclass(frozen=True)
class Migration:
    """One file: its name, its statements, and a hash that reveals a later change."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return sha256(self.sql.encode()).hexdigest()


@cache
def migrations(tables: Tables) -> tuple[Migration, ...]:
    """Every file of a folder in the order in which they run."""
    paths = sorted((FOLDER / tables.folder).glob("*.sql"))
    return tuple(Migration(path.stem, path.read_text(encoding="utf-8")) for path in paths)


def prepare(settings: Settings) -> list[str]:
    """Apply what is missing of the application's tables; returns the names of the files that were applied.

    Raises:
        StirError: a file was changed after it had been applied here, or the role may not create the tables.
        psycopg.OperationalError: PostgreSQL is away.
    """
    with connections.postgres(settings, autocommit=True) as connection:
        return apply(connection, APPLICATION)


def prepare_production(settings: Settings) -> list[str]:
    """The same for all of the production database: the application, the publish ledger, the quarantine.

    Raises:
        StirError, psycopg.OperationalError: as `prepare`.
    """
    with connections.postgres(settings, autocommit=True) as connection:
        return [name for tables in (APPLICATION, PUBLISH, INGEST, AUTHENTICITY) for name in apply(connection, tables)]


def prepare_all(settings: Settings) -> Iterator[tuple[str, list[str]]]:
    """Apply what is missing anywhere: each database in words, and the names of the files that were applied there.

    Raises:
        StirError: as `prepare`, or one of the databases is not configured.
        psycopg.OperationalError: a server is away.
    """
    yield "production", prepare_production(settings)
    with connections.postgres(settings, target="staging", autocommit=True) as connection:
        yield "staging", apply(connection, PUBLISH)
    with connections.beat(settings, autocommit=True) as connection:
        yield "beat", [name for tables in (BEAT, COLLECTOR) for name in apply(connection, tables)]


def apply(connection: psycopg.Connection, tables: Tables, wanted: Sequence[Migration] | None = None) -> list[str]:
    """Apply the files that are missing, in one transaction of `connection`; returns their names.

    Args:
        wanted: the files; by default all of the folder.

    Raises:
        StirError: a file was changed after it had been applied here, or the role may not create the tables.
    """
    from psycopg import errors

    wanted = migrations(tables) if wanted is None else wanted
    applied = _applied(connection, tables)
    if all(applied.get(each.name) == each.checksum for each in wanted):
        return []
    try:
        with connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
            applied = _applied(connection, tables)  # another process may have applied them meanwhile
            return [each.name for each in wanted if _apply_one(connection, tables, each, applied)]
    except errors.InsufficientPrivilege as error:
        raise StirError(
            f"the role {connection.info.user} may not create or change stir's own tables: {error.diag.message_primary}",
            where=f"PostgreSQL, database {connection.info.dbname}",
            do="run `./stir prepare` once with an address whose role may; afterwards this role needs no such right",
        ) from error


def _apply_one(connection: psycopg.Connection, tables: Tables, migration: Migration, applied: dict[str, str]) -> bool:
    """Apply a file unless it was; whether it was applied now."""
    from psycopg import sql

    if (checksum := applied.get(migration.name)) is not None:
        if checksum != migration.checksum:
            raise StirError(
                f"the schema file {migration.name}.sql was changed after it had been applied",
                where=f"table {tables.noted_in}",
                do="restore the file, and put the change into a new file after it",
            )
        return False
    connection.execute(migration.sql.encode())
    note = sql.SQL("insert into {} (name, checksum) values (%s, %s)").format(_quoted(tables))
    connection.execute(note, [migration.name, migration.checksum])
    return True


def _applied(connection: psycopg.Connection, tables: Tables) -> dict[str, str]:
    """Name and checksum of what has been applied; empty on a database without a note of it.

    The note is read without asking first whether it is there, for it nearly always is.
    """
    from psycopg import errors, pq, sql

    within = connection.info.transaction_status != pq.TransactionStatus.IDLE
    try:
        with connection.transaction() if within else nullcontext():
            query = sql.SQL("select name, checksum from {}").format(_quoted(tables))
            return {str(name): str(checksum) for name, checksum in connection.execute(query)}
    except errors.UndefinedTable:
        if not within:
            connection.rollback()  # of the transaction that the question began
        return {}


def _quoted(tables: Tables) -> psycopg.sql.Identifier:
    from psycopg import sql

    return sql.Identifier(*tables.noted_in.split("."))
