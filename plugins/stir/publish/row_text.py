"""A text per row that ClickHouse and PostgreSQL render alike, and checksums over it.

The checksum is the sum of the CRC32 of each row's text, so it does not depend on the order of rows, and a change of
one value in one row changes it. Decisions and measurements: docs/publishing.md.
"""

from __future__ import annotations

from clickhouse_connect.driver.binding import quote_identifier
from psycopg import sql

from stir.publish.spec import Column, PublishSpec

_SEPARATOR = "char(31)"
_SEPARATOR_POSTGRES = "chr(31)"


def clickhouse_row_text(spec: PublishSpec) -> str:
    """ClickHouse expression of a row's canonical text."""
    return f"concatWithSeparator({_SEPARATOR}, {', '.join(clickhouse_column_text(column) for column in spec.columns)})"


def postgres_row_text(spec: PublishSpec) -> str:
    """PostgreSQL expression of a row's canonical text."""
    return f"concat_ws({_SEPARATOR_POSTGRES}, {', '.join(_postgres_member(column) for column in spec.columns)})"


def clickhouse_column_text(column: Column) -> str:
    """ClickHouse expression of one value's canonical text; never NULL."""
    text = column.travel.clickhouse_text(quote_identifier(column.name))
    if not column.nullable:
        return text
    # A text that may be empty gets a prefix, so that NULL and '' differ.
    return f"ifNull(concat('=', {text}), '')" if column.travel.free_text else f"ifNull({text}, '')"


def _postgres_member(column: Column) -> str:
    """As `postgres_column_text`, but without a cast that concat_ws does by itself: a copy less per value."""
    text = postgres_column_text(column)
    name = sql.Identifier(column.name).as_string()
    # A boolean is the exception: its cast says `true`, its output function `t`.
    return name if text == f"{name}::text" and column.travel.postgres != "boolean" else text


def postgres_column_text(column: Column) -> str:
    """PostgreSQL expression of one value's canonical text; never NULL."""
    text = column.travel.postgres_text(sql.Identifier(column.name).as_string())
    if not column.nullable:
        return text
    return f"coalesce('=' || {text}, '')" if column.travel.free_text else f"coalesce({text}, '')"
