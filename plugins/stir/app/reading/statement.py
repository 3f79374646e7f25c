"""One statement per answer: the rows of its parts as JSON, and with them the generation that each part was read from.

PostgreSQL finds a table by its name in today's catalogue, so two statements may see two sides of a swap. A part's
query therefore gives the `tableoid` of its rows as column `source`, and the same statement looks up the newest
generation that has this table, or the table that this one is a partition of (docs/publishing.md).

A line of a query that ends with `-- if NAME` stands in the statement only where the parameter NAME is given (neither
None nor False), one with `-- unless NAME` only where it is not. So the server has one plan for all values of what is
given, and keeps it (pool.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from importlib import resources
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from stir.app.reading.generations import Generation, Generations

SOURCE = "source"
KEPT_STATEMENTS = 500
"""So many composed statements are remembered: some 3 kB each, one for each question and earlier generation."""
_CONDITION = re.compile(r"^(.*) -- (if|unless) ([a-z_]+)$", re.MULTILINE)
_PARAMETER = re.compile(r"%\((platform|platform_id|profile_platform|boards)\)s")


@dataclass(frozen=True)
class Part:
    """The rows of one published table in an answer.

    Attributes:
        name: its key in the answer. query: stem of a file in queries/. table: the published table.
        identifiers: column names that the query leaves open, by their placeholder.
        stored_as: where the rows of an earlier generation lie in schema `stir`; None reads the live table.
        suffix: added to the names of the query's parameters, for a query that an answer has several times.
    """

    name: str
    query: str
    table: str
    identifiers: Mapping[str, str] = field(default_factory=dict)
    stored_as: str | None = None
    suffix: str = ""

    def key(self, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
        """Equal for parts of the same statement."""
        given = tuple(_is_given(parameters, name) for name in _conditions(self.query))
        return (self.name, self.query, self.table, tuple(self.identifiers.items()), self.stored_as, self.suffix, given)

    @property
    def cte(self) -> sql.Identifier:
        """What the part is called in the statement; later parts may read it."""
        return sql.Identifier(f"part_{self.name}")

    def statement(self, parameters: Mapping[str, Any]) -> sql.Composed:
        """The part's own query, with the lines that belong to the given parameters."""
        place = sql.Identifier("stir", self.stored_as) if self.stored_as else sql.Identifier(self.table)
        names = {key: sql.Identifier(name) for key, name in self.identifiers.items()}

        def line(found: re.Match[str]) -> str:
            text, word, name = found.groups()
            return text if _is_given(parameters, name) == (word == "if") else ""

        text = _CONDITION.sub(line, _text(self.query))
        if self.suffix:
            text = _PARAMETER.sub(rf"%(\1_{self.suffix})s", text)
        return sql.SQL(text).format(table=place, **names)


@dataclass(frozen=True)
class Answer:
    """What a statement gave.

    Attributes:
        body: a JSON object with one list of rows per part. generations: of every table that was read.
    """

    body: str
    generations: Generations

    def rows(self, part: str) -> list[dict[str, Any]]:
        """The rows of a part; numbers with a fraction are floats, dates are ISO texts."""
        return self._parts[part]

    @cached_property
    def _parts(self) -> dict[str, list[dict[str, Any]]]:
        decoded: dict[str, list[dict[str, Any]]] = msgspec.json.decode(self.body)
        return decoded


@cache
def _text(query: str) -> str:
    return resources.files("stir.app.reading").joinpath("queries", f"{query}.sql").read_text(encoding="utf-8")


@cache
def _conditions(query: str) -> tuple[str, ...]:
    """The parameters on which lines of a query depend."""
    return tuple(sorted({name for _, _, name in _CONDITION.findall(_text(query))}))


def _is_given(parameters: Mapping[str, Any], name: str) -> bool:
    return parameters[name] is not None and parameters[name] is not False


_GENERATION = sql.SQL("""
    {table}, (
        select json_build_object('generation', found.generation, 'published_at', found.published_at,
            'watermark', found.watermark, 'superseded', found.generation < newest.generation)
        from stir.generation as found,
            (select max(generation) as generation from stir.generation where table_name = {table}) as newest
        where found.table_name = {table} and {of}
        order by found.generation desc
        limit 1
    )""")
_OF_ROWS = sql.SQL("""(
            found.table_oid = (select coalesce(pg_partition_root(source), source) from {part} limit 1)
            or not exists (select from {part})
        )""")
_OF_NAME = sql.SQL("found.stored_as = {name}")
_ROWS = sql.SQL("{name}, (select coalesce(json_agg(item), '[]'::json) from (select {columns} from {part}) as item)")


class Statements:
    """Composes statements; remembers them, and the columns of each part's query, which the database names once."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
        self._composed: dict[tuple[Any, ...], bytes] = {}

    async def answer(
        self, connection: psycopg.AsyncConnection[Any], parts: Sequence[Part], parameters: Mapping[str, Any]
    ) -> Answer:
        """Read all parts in one statement.

        Raises:
            psycopg.errors.UndefinedTable: a table is not published.
            psycopg.Error: the server is away, or the statement took too long.
        """
        cursor = await connection.execute(await self._statement(connection, parts, parameters), parameters)
        body, entries = (await cursor.fetchall())[0]
        found = {table: _generation(table, entry) for table, entry in entries.items() if entry}
        return Answer(body, Generations(found))

    async def _statement(
        self, connection: psycopg.AsyncConnection[Any], parts: Sequence[Part], parameters: Mapping[str, Any]
    ) -> bytes:
        """The statement of these parts; to compose it takes a tenth of an answer's processor time."""
        key = tuple(part.key(parameters) for part in parts)
        if key not in self._composed:
            columns = [
                await self._columns_of(connection, parts[: place + 1], parameters) for place in range(len(parts))
            ]
            if len(self._composed) >= KEPT_STATEMENTS:  # each earlier generation has statements of its own
                self._composed.clear()
            self._composed[key] = compose(parts, columns, parameters).as_bytes(connection)
        return self._composed[key]

    async def _columns_of(
        self, connection: psycopg.AsyncConnection[Any], parts: Sequence[Part], parameters: Mapping[str, Any]
    ) -> list[str]:
        """The columns of the last part; its query may read the parts before it."""
        last = parts[-1]
        key = (last.query, tuple(last.identifiers.items()))
        if key not in self._columns:
            look = sql.SQL("with {} select * from {} limit 0").format(_ctes(parts, parameters), last.cte)
            cursor = await connection.execute(look, parameters)
            self._columns[key] = [column.name for column in cursor.description or () if column.name != SOURCE]
        return self._columns[key]


def _ctes(parts: Sequence[Part], parameters: Mapping[str, Any]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{} as materialized ({})").format(part.cte, part.statement(parameters)) for part in parts
    )


def compose(parts: Sequence[Part], columns: Sequence[Sequence[str]], parameters: Mapping[str, Any]) -> sql.Composed:
    """The statement of an answer: the JSON of every part's rows, and the generation of every part's table.

    `columns` are those of each part; of `parameters` it matters which are given, not their values.
    """
    rows = [
        _ROWS.format(
            name=sql.Literal(part.name), columns=sql.SQL(", ").join(map(sql.Identifier, chosen)), part=part.cte
        )
        for part, chosen in zip(parts, columns, strict=True)
    ]
    of_tables = {part.table: part for part in reversed(parts)}
    generations = [
        _GENERATION.format(
            table=sql.Literal(table),
            of=_OF_NAME.format(name=sql.Literal(part.stored_as)) if part.stored_as else _OF_ROWS.format(part=part.cte),
        )
        for table, part in of_tables.items()
    ]
    return sql.SQL("with {} select json_build_object({})::text, json_build_object({})").format(
        _ctes(parts, parameters), sql.SQL(", ").join(rows), sql.SQL(", ").join(generations)
    )


def _generation(table: str, entry: Mapping[str, Any]) -> Generation:
    watermark = entry["watermark"]
    return Generation(
        table=table,
        number=entry["generation"],
        published_at=datetime.fromisoformat(entry["published_at"]),
        watermark=datetime.fromisoformat(watermark) if watermark else None,
        superseded=entry["superseded"],
    )
