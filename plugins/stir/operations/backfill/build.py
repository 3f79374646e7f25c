"""Builds the models of a backfill beside the live tables, with dbt, each completed with its live table's other rows.

A model is complete as soon as its table has its name (macros/build/clickhouse__create_table_as.sql). What an
interrupted run had begun is dropped and built again; what was noted as built is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import groupby

from clickhouse_connect.driver.client import Client

from stir.connections import quoted_table
from stir.errors import StirError
from stir.operations.backfill import tables
from stir.operations.backfill.plan import APPEND, OVERWRITE, Plan, Target, moments
from stir.operations.backfill.progress import Observer
from stir.operations.backfill.record import Backfill, Record
from stir.settings import Settings
from stir.transform.dbt_process import ENDS_WITH_PARENT
from stir.transform.manifest import DbtManifest
from stir.transform.runner import NodeResult, run_dbt


def check_columns(client: Client, manifest: DbtManifest, warehouse: str, targets: Sequence[Target]) -> None:
    """Raises:
    StirError: a live table is missing, is on a cluster, or has other columns than its model, so that no partition could
        be swapped.
    """
    for target in targets:
        live, wanted = tables.columns(client, warehouse, target.model), manifest.models[target.model].columns
        advice = f"`./stir dbt run --full-refresh --select {target.model}` builds the whole table"
        if not live:
            raise StirError(f"{target.model} has no table", where=warehouse, do=advice)
        if tables.is_on_cluster(client, warehouse, target.model):
            raise StirError(f"{target.model} is on a cluster, where days are not swapped", where=warehouse, do=advice)
        if differing := sorted(live.keys() ^ wanted.keys()):
            what = f"the table {target.model} and its model have different columns ({', '.join(differing[:3])})"
            raise StirError(f"{what}, so no days of it can be swapped", where=warehouse, do=advice)


def prepare(client: Client, warehouse: str, plan: Plan) -> Plan:
    """Clone the partitions of models that are appended to, and return the plan as of their builds until then.

    What their DAGs bring later is what the live table has and the clone has not, whatever the build beside has read.
    The clones come first: rows of a run between the two are in the build, and are added once more, which is harmless.
    """
    database = tables.beside(warehouse)
    tables.create_database(client, database, empty=True)
    for target in plan.targets:
        if target.kind == APPEND:
            live, basis = quoted_table(warehouse, target.model), quoted_table(database, target.model + tables.BASIS)
            tables.clone(client, live, basis, tables.partitions_with(client, live, target.condition))
    now = moments(client, warehouse)
    targets = tuple(replace(target, as_of=now[target.model].isoformat()) for target in plan.targets)
    return replace(plan, targets=targets)


def build(
    settings: Settings,
    client: Client,
    record: Record,
    backfill: Backfill,
    manifest: DbtManifest,
    observer: Observer,
) -> None:
    """Build what is not built yet.

    Raises:
        StirError: dbt failed. What was built stays, and the same backfill goes on from there.
    """
    database = tables.beside(settings.clickhouse_database)
    targets = backfill.plan.targets
    left = [target for target in targets if target.model not in backfill.built]
    own = sha256(database.encode()).hexdigest()[:16]
    folder = settings.state_dir.absolute() / "dbt" / f"backfill-{own}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(manifest.raw))
    done = len(targets) - len(left)

    def note(node: NodeResult) -> None:
        nonlocal done
        if node.name in names and not node.failed and tables.exists(client, database, node.name):
            done += 1
            record.built(backfill, node.name)
            observer.step(done, len(targets), node.name)
            observer.reached("model built")

    for moment, group in _by_moment(left):
        names = {target.model for target in group}
        for target in group:
            _lay_out(client, settings.clickhouse_database, target)
        run = run_dbt(
            settings.model_copy(update={"clickhouse_database": database}),
            ["run", "--select", *sorted(names), *backfill.plan.views, "--defer", "--state", str(folder),
             "--target-path", str(folder / "target")],
            on_node=note,
            extra_environment={
                ENDS_WITH_PARENT: "1",
                "STIR_AS_OF": moment,
                "STIR_BACKFILL": json.dumps({"live": settings.clickhouse_database, "models": _windows(group)}),
            },
        )  # fmt: skip
        run.raise_for_failure()
        if missing := names - {node.name for node in run.nodes}:
            raise StirError(f"dbt did not build {', '.join(sorted(missing))}", where=database)


def _by_moment(targets: Sequence[Target]) -> Iterator[tuple[str, list[Target]]]:
    """The models that are neighbours in the order of building and were last built as of the same moment."""
    for moment, group in groupby(targets, key=lambda target: target.as_of):
        yield moment, list(group)


def _windows(targets: Sequence[Target]) -> dict[str, dict[str, object]]:
    return {each.model: {"column": each.column, "windows": [[each.first, each.end]]} for each in targets}


def _lay_out(client: Client, warehouse: str, target: Target) -> None:
    """Make what the build of a model begins from, and drop what an interrupted one had begun.

    A model whose months are overwritten reads its own older rows, so it is built in a clone of its table.
    """
    database = tables.beside(warehouse)
    live, copy = quoted_table(warehouse, target.model), quoted_table(database, target.model)
    for (name,) in client.query(
        "select name from system.tables where database = {d:String} and startsWith(name, {m:String})",
        parameters={"d": database, "m": f"{target.model}__dbt_"},
    ).result_rows:
        client.command(f"drop table {quoted_table(database, name)} sync")
    if target.kind == OVERWRITE:
        tables.clone(client, live, copy, tables.partitions_with(client, live, "true"))
    else:
        client.command(f"drop table if exists {copy} sync")
