"""Announced changes of a published table's columns. The first publish after the notice applies a change.

A prepared `select *` fails once when columns change, and an application may not know a new type; so a publish whose
columns differ from the live table's is refused until the change was announced and its time has come.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg.rows import class_row

from stir.connections import table_exists
from stir.errors import StirError
from stir.publish.spec import PublishSpec


@dataclass(frozen=True)
class Announcement:
    """An announced change of columns. `change` describes it."""

    table_name: str
    shape: str
    change: str
    announced_at: datetime
    effective_at: datetime


def shape(spec: PublishSpec) -> str:
    """Digest of everything that readers' statements depend on: names, types, nullability and order of the columns."""
    columns = [(column.name, column.travel.postgres, column.nullable) for column in spec.columns]
    return hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:16]


def announce(
    connection: psycopg.Connection, spec: PublishSpec, differences: Sequence[str], notice: timedelta
) -> Announcement:
    """Announce to readers a change that will happen after `notice`.

    Raises:
        StirError: there is no change to announce.
    """
    if not differences:
        raise StirError(
            f"the columns of {spec.table} are those of its spec", do="nothing: there is no change to announce"
        )
    connection.execute(
        "insert into stir.contract_change (table_name, shape, change, effective_at) "
        "values (%s, %s, %s, clock_timestamp() + %s)",
        [spec.table, shape(spec), "; ".join(differences), notice],
    )
    announced = pending(connection, spec)
    assert announced is not None  # noqa: S101 - it was written just now
    return announced


def pending(connection: psycopg.Connection, spec: PublishSpec) -> Announcement | None:
    """The announcement of the spec's columns that was not applied yet, the one that comes true first."""
    if not table_exists(connection, "stir.contract_change"):
        return None
    with connection.cursor(row_factory=class_row(Announcement)) as cursor:
        cursor.execute(
            "select table_name, shape, change, announced_at, effective_at from stir.contract_change "
            "where table_name = %s and shape = %s and generation is null order by effective_at limit 1",
            [spec.table, shape(spec)],
        )
        return cursor.fetchone()


def permit(connection: psycopg.Connection, spec: PublishSpec, differences: Sequence[str]) -> None:
    """Let a publish with other columns pass if the change was announced and the notice has ended.

    Raises:
        StirError: the change was not announced, or the notice has not ended.
    """
    announced = pending(connection, spec)
    if announced is None:
        raise StirError(
            f"{spec.table} would change while applications use it: {'; '.join(differences)}",
            do=f"announce the change with `./stir announce {spec.name}`, or publish once with `--allow contract`",
        )
    if announced.effective_at > datetime.now(UTC):
        raise StirError(
            f"the change of {spec.table} was announced for {announced.effective_at:%F %T %Z}, which is not yet",
            do="publish after that, or once with `--allow contract`; readers keep what they have",
        )


def applied(cursor: psycopg.Cursor, spec: PublishSpec, generation: int) -> None:
    """Record that a generation has the announced columns; part of the swap transaction."""
    cursor.execute(
        "update stir.contract_change set generation = %s where table_name = %s and shape = %s and generation is null",
        [generation, spec.table, shape(spec)],
    )
