"""The statements of mode `merge`: make a live table hold what a stored one holds, changing only what differs.

Rows are compared by the text that the checksum is made of, so what is left alone is exactly what need not change.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from stir.errors import StirError
from stir.publish import ddl
from stir.publish.checks.contract import LIVE_COLUMNS
from stir.publish.row_text import postgres_row_text
from stir.publish.spec import PublishSpec


def statements(spec: PublishSpec, incoming: str) -> list[sql.Composed]:
    """Delete, update, insert: in this order, within one transaction, readers see all of it or nothing."""
    live, new = ddl.live(spec), ddl.stored(incoming)
    names = [column.name for column in spec.columns]
    rest = [name for name in names if name not in spec.key] or list(spec.key)
    text = sql.SQL(postgres_row_text(spec))
    keys = _names(spec.key)
    found = sql.SQL("(select {keys}, {place} as place, {text} as row_text from {table}) as {alias}")
    return [
        sql.SQL("delete from {live} as old where not exists (select from {new} as new where {same})").format(
            live=live, new=new, same=_same_key(spec)
        ),
        sql.SQL(
            "update {live} as changed set {values} from {old}, {theirs}, {new} as source "
            "where {same} and old.row_text <> new.row_text and changed.ctid = old.place and source.ctid = new.place"
        ).format(
            live=live,
            values=sql.SQL(", ").join(
                sql.SQL("{name} = source.{name}").format(name=sql.Identifier(name)) for name in rest
            ),
            old=found.format(keys=keys, place=sql.SQL("ctid"), text=text, table=live, alias=sql.SQL("old")),
            theirs=found.format(keys=keys, place=sql.SQL("ctid"), text=text, table=new, alias=sql.SQL("new")),
            new=new,
            same=_same_key(spec),
        ),
        sql.SQL(
            "insert into {live} ({names}) select {names} from {new} as new "
            "where not exists (select from {live} as old where {same})"
        ).format(live=live, new=new, names=_names(names), same=_same_key(spec)),
    ]


def keep_copy(spec: PublishSpec, name: str) -> list[sql.Composed]:
    """After the first generation became the live table: a copy to roll back to, and vacuum, which it needs now."""
    live, copy = ddl.live(spec), ddl.stored(name)
    return [
        sql.SQL("create table {} (like {})").format(copy, live),
        sql.SQL("insert into {} table {}").format(copy, live),
        sql.SQL("alter table {} reset (autovacuum_enabled)").format(live),
    ]


def add_columns(connection: psycopg.Connection, spec: PublishSpec, incoming: str) -> list[sql.Composed]:
    """Statements that add the columns which only the incoming table has.

    Raises:
        StirError: the tables differ in more than new columns at the end.
    """
    old, new = (
        connection.execute(LIVE_COLUMNS, [table.as_string()]).fetchall()
        for table in (ddl.live(spec), ddl.stored(incoming))
    )
    if new[: len(old)] != old or any(required for _, _, required in new[len(old) :]):
        raise StirError(
            f"a merge cannot change or take away a column of {spec.table}, nor add one without NULL",
            do="publish the other shape under another table name, and move readers to it",
        )
    return [
        sql.SQL("alter table {} add column {} {}").format(ddl.live(spec), sql.Identifier(name), sql.SQL(kind))
        for name, kind, _ in new[len(old) :]
    ]


def _same_key(spec: PublishSpec) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("old.{name} = new.{name}").format(name=sql.Identifier(name)) for name in spec.key
    )


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)
