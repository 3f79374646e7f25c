"""The PostgreSQL statements of a published table: pure builders, names quoted by psycopg."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from psycopg import sql

from stir.publish.spec import Index, PublishSpec

SCHEMA = "stir"
"""Of the ledger, and of the tables that readers do not see."""


def stored(name: str) -> sql.Identifier:
    """A table in schema `stir`, which readers do not use."""
    return sql.Identifier(SCHEMA, name)


def live(spec: PublishSpec) -> sql.Identifier:
    """The table readers use."""
    return sql.Identifier(spec.schema, spec.table)


def columns(spec: PublishSpec) -> sql.Composed:
    """Its columns in order, with commas."""
    return names([column.name for column in spec.columns])


def create_table(spec: PublishSpec, name: str, *, month: str = "") -> sql.Composed:
    """Create an empty generation. Constraints get their final names at once: those need to be unique per table only.

    Args:
        month: the table holds this month only, which PostgreSQL then need not look for when it is attached.
    """
    lines = _column_lines(spec)
    if month:
        lines.append(
            sql.SQL("constraint {} check ({})").format(sql.Identifier(f"{spec.table}_month"), _within(spec, month))
        )
    # A generation never changes, so vacuum is useless there, and its lock would only delay the swap.
    statement = sql.SQL("create table {} (\n    {}\n) with (autovacuum_enabled = false)")
    return statement.format(stored(name), sql.SQL(",\n    ").join(lines))


def create_parent(spec: PublishSpec, name: str) -> sql.Composed:
    """Create a table in schema `stir` that is partitioned by month, without a partition."""
    lines = sql.SQL(",\n    ").join(_column_lines(spec))
    by = sql.Identifier(spec.carry_by or "")
    return sql.SQL("create table {} (\n    {}\n) partition by range ({})").format(stored(name), lines, by)


def _within(spec: PublishSpec, month: str) -> sql.Composed:
    """The condition that a row is of a month, as PostgreSQL itself writes the bounds of a partition."""
    return sql.SQL("{0} >= date {1} and {0} < date {2}").format(
        sql.Identifier(spec.carry_by or ""), sql.Literal(month), sql.Literal(month_after(month))
    )


def month_after(month: str) -> str:
    """First day of the month after, both ISO."""
    day = date.fromisoformat(month)
    return date(day.year + day.month // 12, day.month % 12 + 1, 1).isoformat()


def _column_lines(spec: PublishSpec) -> list[sql.Composed]:
    lines = []
    for column in spec.columns:
        line = sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.travel.postgres))
        if column.collation:
            line = sql.SQL("{} collate {}").format(line, sql.Identifier(column.collation))
        if not column.nullable:
            constraint = sql.Identifier(f"{spec.table}_{column.name}_not_null"[:63])
            line = sql.SQL("{} constraint {} not null").format(line, constraint)
        lines.append(line)
    return lines


def copy_in(spec: PublishSpec, name: str, *, freeze: bool, form: Literal["text", "binary"] = "text") -> sql.Composed:
    """Load rows in ClickHouse's TSV or in PostgreSQL's binary format."""
    options = sql.SQL(f"format {form}, freeze" if freeze else f"format {form}")
    return sql.SQL("copy {} ({}) from stdin with ({})").format(stored(name), columns(spec), options)


def create_key_index(spec: PublishSpec, name: str) -> sql.Composed:
    """Build the primary key's index; as a plain index it can be built beside others."""
    return sql.SQL("create unique index {} on {} ({})").format(
        sql.Identifier(f"{name}_pkey"), stored(name), names(spec.key)
    )


def adopt_key_index(name: str) -> sql.Composed:
    """Make that index the primary key. The columns are NOT NULL already, so no row is read."""
    return sql.SQL("alter table {} add primary key using index {}").format(stored(name), sql.Identifier(f"{name}_pkey"))


def create_index(name: str, index: Index) -> sql.Composed:
    """Build a lookup index."""
    if index.words:
        return sql.SQL("create index {} on {} using gin (array_to_tsvector({}))").format(
            sql.Identifier(f"{name}_{index.name}"), stored(name), sql.Identifier(*index.columns)
        )
    return sql.SQL("create index {} on {} ({})").format(
        sql.Identifier(f"{name}_{index.name}"), stored(name), names(index.columns)
    )


def describe(spec: PublishSpec, name: str) -> list[sql.Composed]:
    """Comments of the table and its columns, and the readers' SELECT."""
    statements = [sql.SQL("comment on table {} is {}").format(stored(name), sql.Literal(spec.comment))]
    statements += [
        sql.SQL("comment on column {}.{} is {}").format(
            stored(name), sql.Identifier(column.name), sql.Literal(column.comment)
        )
        for column in spec.columns
    ]
    statements += [
        sql.SQL("grant select on {} to {}").format(stored(name), sql.Identifier(role)) for role in spec.readers
    ]
    return statements


def move_out(spec: PublishSpec, name: str, indexes: Sequence[str]) -> list[sql.Composed]:
    """Hide the live table from readers: it becomes `stir.<name>`, and its indexes are renamed to match."""
    statements = [
        sql.SQL("alter index {} rename to {}").format(sql.Identifier(spec.schema, index), sql.Identifier(renamed))
        for index in indexes
        if (renamed := _renamed(index, spec.table, name)) != index
    ]
    statements.append(sql.SQL("alter table {} rename to {}").format(live(spec), sql.Identifier(name)))
    statements.append(
        sql.SQL("alter table {} set schema {}").format(sql.Identifier(spec.schema, name), sql.Identifier(SCHEMA))
    )
    return statements


def move_in(spec: PublishSpec, name: str, indexes: Sequence[str]) -> list[sql.Composed]:
    """Give readers the table `stir.<name>` under its public name, with its indexes renamed to match."""
    statements = [
        sql.SQL("alter table {} set schema {}").format(stored(name), sql.Identifier(spec.schema)),
        sql.SQL("alter table {} rename to {}").format(sql.Identifier(spec.schema, name), sql.Identifier(spec.table)),
    ]
    statements += [
        sql.SQL("alter index {} rename to {}").format(sql.Identifier(spec.schema, index), sql.Identifier(renamed))
        for index in indexes
        if (renamed := _renamed(index, name, spec.table)) != index
    ]
    return statements


def stored_indexes(spec: PublishSpec, name: str) -> list[str]:
    """Names of a stored generation's indexes."""
    return [f"{name}_pkey", *(f"{name}_{index.name}" for index in spec.indexes)]


def live_indexes(spec: PublishSpec) -> list[str]:
    """Names of the live table's indexes."""
    return stored_indexes(spec, spec.table)


def _renamed(index: str, old_table: str, new_table: str) -> str:
    """An index of ours follows its table's name; one that somebody added by hand keeps its own."""
    return f"{new_table}{index.removeprefix(old_table)}" if index.startswith(f"{old_table}_") else index


def names(columns: Sequence[str]) -> sql.Composed:
    """Column names with commas."""
    return sql.SQL(", ").join(sql.Identifier(name) for name in columns)
