"""Reports dbt's nodes to OpenLineage: a listener on dbt's own events, in the process in which dbt runs.

Tables and columns come from dbt's manifest in memory, because dbt writes the file only at its end. dbt has no column
lineage, so none is reported for models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from stir.lineage.report import reporter
from stir.settings import Settings

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

    from stir.lineage.events import Kind, Table

BUILT = ("model", "seed", "snapshot")
FAILED = ("error", "fail", "runtime error", "partial success")
REPORTED = (*BUILT, "test")


def manifest_in_memory() -> Any:
    """The manifest of the dbt that runs in this process, None before it has one."""
    from dbt.adapters.factory import FACTORY

    return next((adapter.get_macro_resolver() for adapter in FACTORY.adapters.values()), None)


class NodeListener:
    """Called by dbt for each of its events. `manifest` gives dbt's manifest, None while there is none."""

    def __init__(self, settings: Settings, manifest: Callable[[], Any] = manifest_in_memory) -> None:
        self._settings = settings
        self._manifest = manifest

    def __call__(self, message: Any) -> None:
        """Record a node that begins or ends. Other events are ignored."""
        if message.info.name not in ("NodeStart", "NodeFinished"):
            return
        info = message.data.node_info
        if info.resource_type not in REPORTED:
            return
        node, invocation = str(info.unique_id), str(message.info.invocation_id)
        if message.info.name == "NodeStart":
            reporter(self._settings).report(lambda: self._event("START", node, invocation))
            return
        result = message.data.run_result
        status, said = str(result.status).lower(), str(result.message)
        kind: Kind = "FAIL" if status in FAILED else "ABORT" if status == "skipped" else "COMPLETE"
        reporter(self._settings).report(lambda: self._event(kind, node, invocation, said))

    def close(self) -> None:
        """Wait a moment for unsent events."""
        reporter(self._settings).close()

    def _event(self, kind: Kind, node: str, invocation: str, said: str = "") -> RunEvent | None:
        from openlineage.client.facet_v2 import data_quality_assertions_dataset, parent_run

        from stir.lineage import events

        manifest = self._manifest()
        known = manifest.nodes.get(node) if manifest is not None else None
        if known is None:
            return None
        parent = parent_run.ParentRunFacet(
            parent_run.Run(events.run_uuid("dbt", invocation)),
            parent_run.Job(events.JOBS, "dbt"),
            producer=events.PRODUCER,
        )
        is_test = known.resource_type == "test"
        assertions = {}
        if is_test and kind in ("COMPLETE", "FAIL"):
            assertion = data_quality_assertions_dataset.Assertion(
                known.name, success=kind == "COMPLETE", column=getattr(known, "column_name", None)
            )
            assertions["dataQualityAssertions"] = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
                [assertion], producer=events.PRODUCER
            )
        return events.event(
            kind,
            node,
            events.run_uuid("dbt", invocation, node),
            integration="DBT",
            job_type=str(known.resource_type).upper(),
            inputs=[self._table(manifest, parent) for parent in sorted(set(tables_read(manifest, node)))],
            outputs=[] if is_test else [self._table(manifest, node)],
            run_facets={"parent": parent, **(events.failed(said) if kind == "FAIL" else {})},
            input_facets=assertions,
        )

    def _table(self, manifest: Any, node: str) -> Table:
        from stir.lineage import events

        known = manifest.nodes.get(node) or manifest.sources[node]
        columns = [(each.name, each.data_type or "", each.description or "") for each in known.columns.values()]
        name = known.identifier if node in manifest.sources else known.alias
        return events.Table(events.clickhouse_namespace(self._settings), f"{known.schema}.{name}", columns)


def tables_read(manifest: Any, node: str) -> Iterator[str]:
    """The ids of the tables that a node reads: an ephemeral model is none, and stands for what it reads itself."""
    for parent in getattr(manifest.nodes[node].depends_on, "nodes", ()):  # a seed depends on no node
        known = manifest.nodes.get(parent)
        if known and known.config.materialized == "ephemeral":
            yield from tables_read(manifest, parent)
        elif known or parent in manifest.sources:
            yield parent
