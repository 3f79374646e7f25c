"""The definition of a published table: its mart, columns, indexes and guards."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import ClassVar, Literal

from stir.connections import Target
from stir.publish.column_types import Travel, bare, travel

LONGEST_NAME = 63
"""Bytes of an identifier that PostgreSQL keeps."""
TOKEN_LENGTH = 12
"""Hex digits that distinguish the loads of a table; see PublishSpec.stored_name."""

READ_SETTINGS = {
    # For marts read with FINAL: their partition is a function of the key, so versions of a row lie in one partition.
    "do_not_merge_across_partitions_select_final": 1,
    # PostgreSQL prints a slash in JSON as it is.
    "output_format_json_escape_forward_slashes": 0,
}
"""Settings of every query that reads the rows of a spec."""


@dataclass(frozen=True)
class Column:
    """One published column. `type` is the mart's ClickHouse type, `comment` is for readers.

    `collation` is PostgreSQL's; empty is the database's own. "C" compares bytes, so an index serves prefixes.
    """

    name: str
    type: str
    comment: str
    collation: Literal["", "C"] = ""

    @property
    def nullable(self) -> bool:
        """Whether the column may hold NULL."""
        return bare(self.type)[1]

    @property
    def travel(self) -> Travel:
        """The conversion of its values from ClickHouse to PostgreSQL."""
        return travel(self.type)


@dataclass(frozen=True)
class Index:
    """A lookup index; in PostgreSQL it is called `<table>_<name>`.

    `words` is for one column of texts (`Array(String)`): a GIN index that finds rows by several of them at once, with
    `array_to_tsvector(column) @@ query`. It needs no extension.
    """

    name: str
    columns: tuple[str, ...]
    words: bool = False


@dataclass(frozen=True)
class Guards:
    """Conditions that a new generation must meet. Each can be waived by name for one run.

    Duplicate keys and NULLs in keys cannot be waived: the primary key itself refuses them.

    Attributes:
        minimum_rows: `minimum-rows` refuses fewer.
        shrink: `shrink` refuses when more than this fraction of the live rows would go away.
        growth: `growth` refuses more than this many times the live rows.
        freshness: `freshness` refuses data older than this when the publish begins. It also refuses a mart that was
            built for an earlier day than readers have, and a feed whose data end before those that readers have.

    `contract`, which refuses other columns than the live table's, has no figure.
    """

    minimum_rows: int = 1
    shrink: float = 0.5
    growth: float = 20.0
    freshness: timedelta | None = None

    NAMES: ClassVar = ("minimum-rows", "shrink", "growth", "freshness", "contract")


@dataclass(frozen=True)
class PublishSpec:
    """One published table.

    Attributes:
        name: what it is called on the command line and in DAGs.
        mart: ClickHouse table (in the warehouse database) it is made from.
        staging_mart: another one for target staging; empty is the same mart for both.
        query: ClickHouse SELECT that makes the published rows out of `{mart}`; empty takes them as they are.
        table: PostgreSQL table readers use.
        columns: in the order readers see them; this order never changes under a prepared statement.
        key: primary key, in index order.
        carry_by: a Date column; months of it in which nothing changed are taken over from the live table, or, in mode
            `partition`, stay where they are.
        final: the mart is a ReplacingMergeTree that must be read with FINAL.
        readers: roles that may SELECT.
        mode: how a generation takes the place of the one before; see stir.publish.swap.modes. `schema` needs a schema
            that holds nothing else, `partition` a `carry_by` that is part of the key.
        keep: generations kept besides the live one, for rollback.
        most_parts: upper bound of objects, in mode `partition` of each month; also of parallel loads.
    """

    name: str
    mart: str
    table: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[Index, ...] = ()
    guards: Guards = field(default_factory=Guards)
    carry_by: str | None = None
    final: bool = False
    staging_mart: str = ""
    query: str = ""
    mode: Literal["rename", "schema", "merge", "partition"] = "rename"
    schema: str = "public"
    readers: tuple[str, ...] = ("stir_reader",)
    keep: int = 1
    most_parts: int = 32

    def __post_init__(self) -> None:
        """Refuse a spec that could not be published.

        Raises:
            ValueError: with what is wrong; a spec is code, so this is a programming error.
        """
        columns = {column.name: column for column in self.columns}
        if len(columns) != len(self.columns):
            raise ValueError(f"{self.name}: a column is listed twice")
        for name in self._named_columns():
            if name not in columns:
                raise ValueError(f"{self.name}: unknown column {name!r} in a key, an index or carry_by")
        if not self.key or any(columns[name].nullable for name in self.key):
            raise ValueError(f"{self.name}: the key is empty or has a Nullable column")
        for lookup in self.indexes:
            if lookup.words and [columns[name].type for name in lookup.columns] != ["Array(String)"]:
                raise ValueError(f"{self.name}: index {lookup.name!r} of words needs one column of type Array(String)")
        if self.carry_by and columns[self.carry_by].type != "Date":
            raise ValueError(f"{self.name}: months to carry over need a Date column, not {self.carry_by!r}")
        if self.mode == "partition" and self.carry_by not in self.key:
            raise ValueError(f"{self.name}: mode partition needs a carry_by that is part of the key")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.table):
            raise ValueError(f"{self.name}: {self.table!r} is not a plain table name")
        if self.mode == "schema" and self.schema == "public":
            raise ValueError(f"{self.name}: mode schema needs a schema of its own")
        longest = self.stored_name("0" * TOKEN_LENGTH) + ("_000000" if self.mode == "partition" else "")
        for index in ("pkey", *(index.name for index in self.indexes)):
            if len(f"{longest}_{index}".encode()) > LONGEST_NAME:
                raise ValueError(f"{self.name}: index name {index!r} is too long for PostgreSQL")

    def _named_columns(self) -> Sequence[str]:
        indexed = [name for index in self.indexes for name in index.columns]
        return [*self.key, *indexed, *filter(None, [self.carry_by])]

    def mart_of(self, target: Target) -> str:
        """The mart that a target's rows come from."""
        return self.staging_mart if target == "staging" and self.staging_mart else self.mart

    def rows_of(self, table: str) -> str:
        """What to select from, so that a key comes once; `table` is the quoted name of the mart or of its snapshot."""
        rows = f"{table} final" if self.final else table
        return f"(\n{self.query.replace('{mart}', rows)}\n)" if self.query else rows

    def stored_name(self, token: str) -> str:
        """Name, in schema `stir`, of a generation that readers do not see."""
        return f"{self.table}__{token}"

    @property
    def digest(self) -> str:
        """A hash of everything that readers get except the data: columns, key, indexes, comments."""
        described = asdict(self)
        shape = {
            name: described[name] for name in ("table", "schema", "comment", "columns", "key", "indexes", "readers")
        }
        for column in shape["columns"]:
            if not column["collation"]:  # most columns have none, and had no such field in earlier versions
                del column["collation"]
        for index in shape["indexes"]:
            if not index["words"]:  # nor had an index
                del index["words"]
        return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]
