"""The plan of a publish: the statements that it would send."""

from __future__ import annotations

from dataclasses import dataclass

from stir.connections import Target, quoted_table
from stir.publish import ddl
from stir.publish.export.parts import export_statement
from stir.publish.export.snapshot import clone_statement, snapshot_database, snapshot_prefix, summary_statement
from stir.publish.load.indexes import index_statements, statistics_statement
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState, run_prefix
from stir.publish.verification.content import content_statement
from stir.settings import Settings

TOKEN = "0" * 12
"""A placeholder for the random token of a run and its attempt."""


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
    postgres = [
        ("load", ddl.create_table(spec, loaded)),
        ("load", ddl.copy_in(spec, loaded, freeze=False)),
        ("index", statistics_statement(state)),
        *(("index", statement) for statement, _ in index_statements(state)),
        ("index", ddl.adopt_key_index(loaded)),
        *(("index", statement) for statement in ddl.describe(spec, loaded)),
        ("verify", content_statement(spec, ddl.stored(loaded))),
        *(("swap", statement) for statement in ddl.move_out(spec, spec.stored_name("1" * 12), ddl.live_indexes(spec))),
        *(("swap", statement) for statement in ddl.move_in(spec, loaded, ddl.stored_indexes(spec, loaded))),
    ]
    return [Planned(step, "ClickHouse", statement) for step, statement in clickhouse] + [
        Planned(step, "PostgreSQL", statement.as_string()) for step, statement in postgres
    ]
