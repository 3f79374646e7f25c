"""One statement per answer: the columns of its parts as JSON, and with them the generation that each was read from.

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
_NAMED = re.compile(r"%\((\w+)\)s")
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
        body: a JSON object with one list per part, of its columns: lists of values, in the order of the rows.
        shapes: the record of each part, with a field per column. generations: of every table that was read.
    """

    body: str
    shapes: Mapping[str, type[msgspec.Struct]]
    generations: Generations
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def records(self, part: str) -> list[Any]:
        """The rows of a part as records, which are made and written in a quarter of the time of `rows`."""
        columns = self._columns[part]
        return [] if columns[0] is None else list(map(self.shapes[part], *columns))  # of no rows a column is null

    def rows(self, part: str) -> list[dict[str, Any]]:
        """The rows of a part, the same at every call; numbers with a fraction are floats, dates are ISO texts."""
        if part not in self._rows:
            columns, names = self._columns[part], self.shapes[part].__struct_fields__
            values = [] if columns[0] is None else zip(*columns, strict=False)
            self._rows[part] = [dict(zip(names, row, strict=False)) for row in values]  # strict takes twice the time
        return self._rows[part]

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        decoded: dict[str, list[Any]] = msgspec.json.decode(self.body)
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
_COLUMNS = sql.SQL("{name}, (select json_build_array({columns}) from {part})")
_COLUMN = sql.SQL("json_agg({name})")
"""For each value of a row the server would look up its type and write its name again."""


@dataclass(frozen=True)
class _Statement:
    """A composed statement: its text, the parameters that it numbers, and the record of each part."""

    text: bytes
    parameters: Sequence[str]
    shapes: Mapping[str, type[msgspec.Struct]]


class _Entry(msgspec.Struct):
    """What a statement says of the generation of a table."""

    generation: int
    published_at: datetime
    watermark: datetime | None
    superseded: bool

    def of(self, table: str) -> Generation:
        return Generation(table, self.generation, self.published_at, self.watermark, self.superseded)


class Statements:
    """Composes statements; remembers them, and the columns of each part's query, which the database names once."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
        self._composed: dict[tuple[Any, ...], _Statement] = {}

    async def answer(
        self, connection: psycopg.AsyncConnection[Any], parts: Sequence[Part], parameters: Mapping[str, Any]
    ) -> Answer:
        """Read all parts in one statement.

        Raises:
            psycopg.errors.UndefinedTable: a table is not published.
            psycopg.Error: the server is away, or the statement took too long.
        """
        statement = await self._statement(connection, parts, parameters)
        cursor = psycopg.AsyncRawCursor(connection)
        await cursor.execute(statement.text, [parameters[name] for name in statement.parameters])
        body, entries = (await cursor.fetchall())[0]
        found = msgspec.json.decode(entries, type=dict[str, _Entry | None])
        generations = {table: entry.of(table) for table, entry in found.items() if entry}
        return Answer(body, statement.shapes, Generations(generations))

    async def _statement(
        self, connection: psycopg.AsyncConnection[Any], parts: Sequence[Part], parameters: Mapping[str, Any]
    ) -> _Statement:
        """The statement of these parts; to compose it takes a tenth of an answer's processor time."""
        key = tuple(part.key(parameters) for part in parts)
        if key not in self._composed:
            columns = [
                await self._columns_of(connection, parts[: place + 1], parameters) for place in range(len(parts))
            ]
            if len(self._composed) >= KEPT_STATEMENTS:  # each earlier generation has statements of its own
                self._composed.clear()
            shapes = {part.name: msgspec.defstruct("Row", chosen) for part, chosen in zip(parts, columns, strict=True)}
            text, names = numbered(compose(parts, columns, parameters).as_string(connection))
            self._composed[key] = _Statement(text.encode(), names, shapes)
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
    """The statement of an answer: the JSON of every part's columns, and the generation of every part's table.

    `columns` are those of each part; of `parameters` it matters which are given, not their values.
    """
    lists = [
        _COLUMNS.format(
            name=sql.Literal(part.name),
            columns=sql.SQL(", ").join(_COLUMN.format(name=sql.Identifier(name)) for name in chosen),
            part=part.cte,
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
    return sql.SQL("with {} select json_build_object({})::text, json_build_object({})::text").format(
        _ctes(parts, parameters), sql.SQL(", ").join(lists), sql.SQL(", ").join(generations)
    )


def numbered(statement: str) -> tuple[str, list[str]]:
    """A statement with `$1`, `$2`, … for its named parameters, as the server takes it; and their names in order."""
    numbers: dict[str, int] = {}
    text = _NAMED.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", statement)
    return text, list(numbers)
