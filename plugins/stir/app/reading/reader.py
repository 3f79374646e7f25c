"""What routes ask for: the live generations, an answer, and the place of an earlier generation's rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg_pool import AsyncConnectionPool

from stir.app.reading.generations import Generations, newest
from stir.app.reading.rounds import Rounds
from stir.app.reading.statement import Answer, Part, Statements

T = TypeVar("T")

_EARLIER = """
select
    earlier.stored_as = live.stored_as as is_live, -- the name of the rows: some tables keep their OID for ever
    case when stored.oid is not null and has_table_privilege(stored.oid, 'select') then earlier.stored_as end
from stir.generation as earlier
cross join lateral (
    select stored_as from stir.generation where table_name = earlier.table_name order by generation desc limit 1
) as live
left join pg_catalog.pg_class as stored
    on stored.relname = earlier.stored_as and stored.relnamespace = 'stir'::regnamespace
where earlier.table_name = %(table)s and earlier.generation = %(generation)s
"""
_FRESHNESS = """
select coalesce(json_agg(found order by found.table_name), '[]'::json)::text from (
    select table_name, generation, event, rows, published_at, watermark, feeds, as_of, mode
    from stir.current_generation
) as found
"""
_CHANGES = """
select coalesce(json_agg(found order by found.effective_at), '[]'::json)::text from (
    select table_name, change, effective_at from stir.contract_change where generation is null
) as found
"""


class Gone(Exception):
    """The rows of an earlier generation are not kept any more."""


class Reader:
    """Reads answers through a pool. A statement whose connection broke is tried once more on another one."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool
        self._statements = Statements()
        self._rounds: Rounds[Generations] = Rounds()

    async def newest(self, tables: Sequence[str]) -> Generations:
        """The live generation of each of the tables that is published, asked once for all who ask meanwhile."""

        async def look() -> Generations:
            return await self._with_connection(lambda connection: newest(connection, tables))

        return await self._rounds.ask(tuple(tables), look)

    async def answer(self, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Answer:
        """All parts, read in one statement.

        Raises:
            Gone: a part is of an earlier generation that is dropped.
            psycopg.Error: a table is not published, or the database is away or too slow.
        """
        try:
            return await self._with_connection(
                lambda connection: self._statements.answer(connection, parts, parameters)
            )
        except psycopg.errors.UndefinedTable as error:
            if any(part.stored_as for part in parts):
                raise Gone from error
            raise

    async def stored_as(self, table: str, generation: int) -> str | None:
        """Where the rows of a generation lie: a name in schema `stir`, None for the live table.

        Raises:
            Gone: they are not kept, or there was no such generation.
        """

        async def look(connection: psycopg.AsyncConnection[Any]) -> Any:
            cursor = await connection.execute(_EARLIER, {"table": table, "generation": generation})
            return await cursor.fetchone()

        row = await self._with_connection(look)
        if row is None or not (row[0] or row[1]):
            raise Gone
        return None if row[0] else str(row[1])

    async def freshness(self) -> tuple[str, str]:
        """JSON lists: the live generation of every table with its feeds, and the announced changes of columns."""

        async def look(connection: psycopg.AsyncConnection[Any]) -> tuple[str, str]:
            tables, changes = [
                await (await connection.execute(query)).fetchone() or ("[]",) for query in (_FRESHNESS, _CHANGES)
            ]
            return tables[0], changes[0]

        return await self._with_connection(look)

    async def _with_connection(self, use: Callable[[psycopg.AsyncConnection[Any]], Awaitable[T]]) -> T:
        try:
            async with self._pool.connection() as connection:
                return await use(connection)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if isinstance(error, (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)):
                raise
            await asyncio.sleep(0.1)
            await self._pool.check()  # the others of the pool may be broken too
            async with self._pool.connection() as connection:
                return await use(connection)
