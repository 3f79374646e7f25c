"""Finding the value that PostgreSQL refused, after it did: worked out only then, so that a good run pays nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from clickhouse_connect.driver.binding import quote_identifier
from psycopg import sql

from stir import connections
from stir.errors import StirError
from stir.publish import ddl
from stir.publish.spec import READ_SETTINGS, PublishSpec
from stir.publish.state import PublishState
from stir.settings import Settings

SHOWN_LETTERS = 80
"""Characters of a key's value in an error line."""


@contextmanager
def naming_refused_values(settings: Settings, state: PublishState) -> Iterator[None]:
    """Turn PostgreSQL's refusal of a value into an error that names row and column.

    Raises:
        StirError: instead of psycopg.DataError.
    """
    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        refused = bad_text(settings, state) or _copy_context(error)
        raise StirError(
            f"PostgreSQL refuses a value of {state.mart}: {refused}",
            where=f"{state.name}, {state.target}",
            do="correct it in the mart; readers keep what they have",
        ) from error


def bad_text_statement(spec: PublishSpec, snapshot: str) -> str:
    """Statement that finds a row whose text PostgreSQL cannot store: its key, the column and the reason."""
    texts = {column.name: column.travel.texts for column in spec.columns}
    found = {name: given(quote_identifier(name)) for name, given in texts.items() if given}
    zero = [f"arrayExists(item -> position(item, char(0)) > 0, {text})" for text in found.values()]
    broken = [f"arrayExists(item -> not isValidUTF8(item), {text})" for text in found.values()]
    cases = [
        f"{condition}, '{name}: {why}'"
        for conditions, why in ((zero, "a NUL byte"), (broken, "not UTF-8"))
        for condition, name in zip(conditions, found, strict=True)
    ]
    key = ", ".join(f"leftUTF8(toValidUTF8(toString({quote_identifier(name)})), {SHOWN_LETTERS})" for name in spec.key)
    return (
        f"select concatWithSeparator(', ', {key}), multiIf({', '.join(cases)}, '')\n"
        f"from {spec.rows_of(snapshot)}\nwhere {' or '.join([*zero, *broken])}\nlimit 1"
    )


def bad_text(settings: Settings, state: PublishState) -> str:
    """The column and the row of a text that PostgreSQL cannot store; empty if there is none."""
    found = connections.clickhouse(settings).query(
        bad_text_statement(state.spec, state.quoted_snapshot), settings=READ_SETTINGS
    )
    if not found.result_rows:
        return ""
    key, what = found.result_rows[0]
    return f"column {what}, in the row with the key ({key})"


def longest_value_statement(spec: PublishSpec, table: str, columns: Sequence[str]) -> sql.Composed:
    """Statement that finds the row with the longest values in these columns: its key, and each column's bytes."""
    sizes = [
        sql.SQL("coalesce(octet_length({}::text), 0)").format(sql.Identifier(column)) for column in columns or spec.key
    ]
    key = sql.SQL(", ").join(
        sql.SQL("left({}::text, {})").format(sql.Identifier(name), sql.Literal(SHOWN_LETTERS)) for name in spec.key
    )
    return sql.SQL("select concat_ws(', ', {}), array[{}] from {} order by {} desc limit 1").format(
        key, sql.SQL(", ").join(sizes), ddl.stored(table), sql.SQL(" + ").join(sizes)
    )


def longest_value(connection: psycopg.Connection, spec: PublishSpec, table: str, columns: Sequence[str]) -> str:
    """The longest of these columns and its row, for an index that PostgreSQL refuses: an index row has a limit."""
    row = connection.execute(longest_value_statement(spec, table, columns)).fetchone()
    if row is None:
        return "the table is empty"
    key, sizes = row
    size, column = max(zip(sizes, columns or spec.key, strict=True))
    return f"column {column} has {size:,} bytes in the row with the key ({key})"


def _copy_context(error: psycopg.Error) -> str:
    """PostgreSQL's message without the row, which may contain anything."""
    place = (error.diag.context or "").split('"')[0].strip().rstrip(":")
    return f"{error.diag.message_primary} ({place})" if place else str(error.diag.message_primary)
