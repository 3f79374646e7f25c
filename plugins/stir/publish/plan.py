"""The plan of a publish: the statements that it would send."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from stir.connections import Target, quoted_table
from stir.publish import ddl, partitions
from stir.publish.export.parts import export_statement
from stir.publish.export.snapshot import clone_statement, snapshot_database, snapshot_prefix, summary_statement
from stir.publish.load.indexes import index_statements, statistics_statement
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState, run_prefix
from stir.publish.verification.content import content_statement
from stir.settings import Settings

MONTH = "2026-01-01"
"""A month that has changed, in the plan of mode `partition`."""
MOVE = "instead of the swap, at the first publish in this mode or by a changed spec"
"""Step in which a plain table, or one of an older spec, is replaced by one that is partitioned."""
TOKEN = "0" * 12
"""A placeholder for the random token of a run and its attempt."""
BEFORE = "1" * 12
"""The same of the generation before."""


@dataclass(frozen=True)
class Planned:
    """One statement of a plan; `engine` is `ClickHouse` or `PostgreSQL`."""

    step: str
    engine: str
    statement: str


def plan(settings: Settings, spec: PublishSpec, target: Target) -> list[Planned]:
    """The statements of a publish in order, with a token of zeros; how the mart is cut is known from its snapshot."""
    mart = quoted_table(settings.clickhouse_database, spec.mart_of(target))
    clone = snapshot_prefix(target, spec.mart_of(target), TOKEN)
    snapshot = quoted_table(snapshot_database(settings), clone)
    loaded = spec.stored_name(TOKEN)
    state = PublishState(name=spec.name, target=target, run_id="", token=TOKEN, loaded=loaded)
    export = export_statement(spec, snapshot, "/* rows of part NNN */", settings.s3_named_collection)
    export = export.replace("{object:String}", f"'{run_prefix(target, spec.name, TOKEN)}part-NNN.tsv.zst'")
    clickhouse = [
        ("freeze", clone_statement(mart, snapshot)),
        ("freeze", summary_statement(spec, snapshot)),
        ("export", export),
    ]
    month = MONTH if spec.mode == "partition" else ""
    table = partitions.table_of(loaded, month) if month else loaded
    postgres = [
        ("load", ddl.create_table(spec, table, month=month)),
        ("load", ddl.copy_in(spec, table, freeze=False)),
        ("index", statistics_statement(state, table)),
        *(("index", statement) for statement, _ in index_statements(spec, table)),
        ("index", ddl.adopt_key_index(table)),
        *(("index", statement) for statement in ([] if month else ddl.describe(spec, loaded))),
        ("verify", content_statement(spec, ddl.stored(table))),
        *(("swap", statement) for statement in (_exchange if month else _rename)(spec, loaded)),
        *((MOVE, statement) for statement in (_move_over(spec, loaded, table) if month else [])),
    ]
    return [Planned(step, "ClickHouse", statement) for step, statement in clickhouse] + [
        Planned(step, "PostgreSQL", statement.as_string()) for step, statement in postgres
    ]


def _rename(spec: PublishSpec, loaded: str) -> list[sql.Composed]:
    return [
        *ddl.move_out(spec, spec.stored_name(BEFORE), ddl.live_indexes(spec)),
        *ddl.move_in(spec, loaded, ddl.stored_indexes(spec, loaded)),
    ]


def _move_over(spec: PublishSpec, loaded: str, table: str) -> list[sql.Composed]:
    return [*partitions.parent_statements(spec, loaded, {MONTH: table}), *_rename(spec, loaded)]


def _exchange(spec: PublishSpec, loaded: str) -> list[sql.Composed]:
    before = spec.stored_name(BEFORE)
    old, new = ({MONTH: partitions.table_of(name, MONTH)} for name in (before, loaded))
    return [*partitions.exchange_statements(spec, old, new), partitions.view_statement(spec, before, old)]
