"""Checks before dbt begins that the tables which the chosen nodes read exist: one line instead of an error per model.

Only dbt knows which nodes a selection means, so the check runs inside its process, between the selection and the first
node. A command that reads no missing table is never refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from stir import connections
from stir.errors import StirError
from stir.settings import Settings, load_settings
from stir.transform.first_build import Table, look


def check_inputs_first(refuse: Callable[[StirError], object] | None = None) -> None:
    """Make every dbt task of this process check first that the tables it reads exist.

    A missing table raises a StirError, or is passed to `refuse`, which ends the process.
    """
    from dbt.task.freshness import FreshnessTask
    from dbt.task.run import RunTask
    from dbt.task.runnable import GraphRunnableTask
    from dbt.task.show import ShowTask

    begin = GraphRunnableTask.execute_with_hooks
    if getattr(begin, "checks_inputs", False):
        return

    def check_and_begin(task: Any, selected: Any) -> Any:
        # Those that only read the project (compile, docs generate, clone) run without any table.
        if isinstance(task, RunTask | ShowTask | FreshnessTask):
            look(load_settings(), task.manifest, task._flattened_nodes)
            try:
                require_tables(load_settings(), inputs(task.manifest, task._flattened_nodes, deferred=_defers(task)))
            except StirError as error:
                if refuse:
                    refuse(error)
                raise
        return begin(task, selected)

    check_and_begin.checks_inputs = True  # type: ignore[attr-defined]
    GraphRunnableTask.execute_with_hooks = check_and_begin


def inputs(manifest: Any, nodes: Iterable[Any], *, deferred: bool = False) -> dict[str, set[Table]]:
    """`{"source": ..., "model": ..., "seed": ...}`: the tables that the nodes read and that the run does not create.

    With `deferred`, models and seeds are read from the places in the state.
    """
    chosen = {node.unique_id: node for node in nodes}
    # Tests are selected with their models, some of which may not be built; alone they are what the user chose.
    asked = [node for node in chosen.values() if node.resource_type not in ("test", "unit_test")] or chosen.values()
    read = {identifier for identifier in chosen if identifier.startswith("source.")}
    for node in asked:
        read |= set(node.depends_on_nodes)
        # A unit test depends only on its model, and reads the columns of the tables behind it.
        if node.resource_type == "unit_test":
            read -= set(node.depends_on_nodes)
            read |= {behind for name in node.depends_on_nodes for behind in manifest.nodes[name].depends_on_nodes}
    read = _tables_behind(manifest, read)
    tables: dict[str, set[Table]] = {"source": set(), "model": set(), "seed": set()}
    # Models write into the warehouse's own database and create their own note tables.
    own = {node.schema for node in manifest.nodes.values() if node.resource_type == "model"}
    for identifier in read - chosen.keys() | {name for name in chosen if name.startswith("source.")}:
        if identifier in manifest.sources:
            source = manifest.sources[identifier]
            if source.schema not in own:
                tables["source"].add((source.schema, source.identifier))
        elif not deferred and (node := manifest.nodes.get(identifier)) and node.resource_type in ("model", "seed"):
            tables[node.resource_type].add((node.schema, node.alias))
    return tables


def _tables_behind(manifest: Any, read: set[str]) -> set[str]:
    """What is read, with what an ephemeral model reads in its place: it has no table of its own."""
    parts = {name for name in read if (node := manifest.nodes.get(name)) and node.is_ephemeral}
    behind = {each for name in parts for each in manifest.nodes[name].depends_on_nodes}
    return read - parts | (_tables_behind(manifest, behind) if behind else set())


def require_tables(settings: Settings, tables: Mapping[str, set[Table]]) -> None:
    """If only some sources or models are missing, the nodes that read them fail and the rest can still be built.

    Raises:
        StirError: all sources or all models are missing, or any seed is; the line says how to create them.
    """
    wanted = set().union(*tables.values())
    if not wanted:
        return
    with connections.clickhouse(settings) as client:
        found = client.query(
            "select database, name from system.tables where database in {names:Array(String)}",
            parameters={"names": sorted({database for database, _ in wanted})},
        )
    there = {(str(database), str(name)) for database, name in found.result_rows}
    world = "create a world with `./stir world make`, or everything with `./stir demo`"
    if tables["source"] and not tables["source"] & there:
        _refuse("source", tables["source"], world)
    # Before the seeds: what builds the models loads those, too.
    if tables["model"] and not tables["model"] & there:
        build = "build the upstream models with `./stir dbt build`, or with a + before the selection"
        _refuse("model", tables["model"], f"{build}; if there are no sources either, first {world}")
    if missing := tables["seed"] - there:
        _refuse(
            "seed", missing, "run `./stir dbt seed` first, or `./stir dbt build`, which loads and builds everything"
        )


def _defers(task: Any) -> bool:
    return bool(getattr(task.args, "defer", False))


def _refuse(kind: str, missing: set[Table], do: str) -> NoReturn:
    name = ".".join(min(missing))
    others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    verb = "are" if others else "is"
    raise StirError(f"the {kind} {name}{others} {verb} not there to read", where="ClickHouse", do=do)
