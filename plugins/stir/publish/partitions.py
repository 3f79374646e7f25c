"""The tables of mode `partition`: one per month, all of them partitions of the table that readers use.

A generation is the list of its months, each with the table in schema `stir` that holds it. Two generations share the
table of a month that is the same in both, so what a publish costs is what changed. Months of the generation before that
are no part of the live one any more are detached and keep their rows; a view shows that generation whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql

from stir.publish import ddl
from stir.publish.ledger.generations import Generation
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState

Months = Mapping[str, str]
"""First day of a month, ISO, to the name of its table in schema `stir`."""


def table_of(loaded: str, month: str) -> str:
    """Name of a month's table, given the name of the load."""
    return f"{loaded}_{month[:4]}{month[5:7]}"


def loaded_tables(state: PublishState, loaded: str = "") -> Months:
    """The tables that a run loads, by month; in other modes the one table, whose month is empty."""
    loaded = loaded or state.loaded
    if state.spec.mode != "partition":
        return {"": loaded}
    return {month: table_of(loaded, month) for month in sorted({*state.months} - {*state.carried})}


def loaded_rows(state: PublishState) -> int:
    """Rows of the tables that a run loads, those taken over from the live table included."""
    return sum(expected(state, month)[0] for month in loaded_tables(state, "any"))


def count_statement(tables: Iterable[str]) -> sql.Composed:
    """Expression that counts the rows of stored tables."""
    counts = [sql.SQL("(select count(*) from {})").format(ddl.stored(table)) for table in tables]
    return sql.SQL("({})").format(sql.SQL(" + ").join([sql.SQL("0"), *counts]))


def all_tables(state: PublishState, live: Generation | None) -> Months:
    """The months of the generation that a run publishes: loaded ones, and those that stay where they are."""
    stay = {month: live.partitions[month] for month in state.carried} if live else {}
    return dict(sorted({**stay, **loaded_tables(state)}.items()))


def expected(state: PublishState, month: str) -> tuple[int, str]:
    """Rows and checksum that a month's table must have; of everything, if `month` is empty."""
    if not month:
        return state.rows, state.checksum
    rows, _, checksum = state.months[month].split("-")
    return int(rows), f"crc32:{checksum}"


def can_exchange(connection: psycopg.Connection, spec: PublishSpec, live: Generation | None) -> bool:
    """Whether the live table can stay and get other months: it is partitioned, and made by the spec as it is now."""
    if live is None or live.mode != "partition" or not live.fingerprint.startswith(f"{spec.digest}-"):
        return False
    kind = connection.execute(
        "select relkind::text from pg_class where oid = to_regclass(%s)", [ddl.live(spec).as_string()]
    ).fetchone()
    return kind == ("p",)


def parent_statements(spec: PublishSpec, name: str, months: Months) -> list[sql.Composed]:
    """Make a partitioned table `stir.<name>` of the months' tables, which have their indexes."""
    return [
        ddl.create_parent(spec, name),
        sql.SQL("alter table {} add primary key ({})").format(ddl.stored(name), ddl.names(spec.key)),
        *(ddl.create_index(name, index) for index in spec.indexes),
        *ddl.describe(spec, name),
        *(attach(spec, ddl.stored(name), month, table) for month, table in months.items()),
    ]


def exchange_statements(spec: PublishSpec, old: Months, new: Months) -> list[sql.Composed]:
    """Give the live table the months `new` instead of `old`; a month that is in both is not touched."""
    live = ddl.live(spec)
    gone = [table for month, table in old.items() if new.get(month) != table]
    come = [(month, table) for month, table in new.items() if old.get(month) != table]
    return [
        *(sql.SQL("alter table {} detach partition {}").format(live, ddl.stored(table)) for table in gone),
        *(attach(spec, live, month, table) for month, table in come),
    ]


def attach(spec: PublishSpec, parent: sql.Identifier, month: str, table: str) -> sql.Composed:
    """Make a table the parent's partition of a month. Its constraint says that it holds nothing else."""
    return sql.SQL("alter table {} attach partition {} for values from ({}) to ({})").format(
        parent, ddl.stored(table), sql.Literal(month), sql.Literal(ddl.month_after(month))
    )


def view_statement(spec: PublishSpec, name: str, months: Months) -> sql.Composed:
    """Show a generation that is not live any more. `tableoid` comes last, because a view has none by itself."""
    one = sql.SQL("select {}, tableoid from {}")
    members = [one.format(ddl.columns(spec), ddl.stored(table)) for table in months.values()]
    if not members:  # nothing, with the types of the columns
        types = [(column.name, column.travel.postgres) for column in spec.columns] + [("tableoid", "oid")]
        nulls = [sql.SQL("null::{} as {}").format(sql.SQL(kind), sql.Identifier(name)) for name, kind in types]
        members = [sql.SQL("select {} where false").format(sql.SQL(", ").join(nulls))]
    rows = sql.SQL(" union all ").join(members)
    return sql.SQL("create or replace view {} as {}").format(ddl.stored(name), rows)
