"""Reports a publish to OpenLineage: the mart and its columns as input, the published table as output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stir.connections import Target
from stir.lineage.report import reporter
from stir.publish.spec import PublishSpec
from stir.publish.tables import find_spec
from stir.settings import Settings

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

    from stir.lineage.events import Kind, Table


@dataclass
class PublishReport:
    """Reports one publish from any of its processes; `run_id` identifies it."""

    settings: Settings
    name: str
    target: Target
    run_id: str

    def began(self) -> None:
        """The publish begins."""
        reporter(self.settings).report(lambda: self._event("START"))

    def ended(self, outcome: str, generation: int, rows: int, size: int) -> None:
        """The publish ended: with new rows for readers, or without (`unchanged`, `held`)."""
        figures = (generation, rows, size) if outcome == "published" else None
        reporter(self.settings).report(lambda: self._event("COMPLETE", figures=figures))

    def failed(self, reason: str) -> None:
        """The publish was refused or failed."""
        reporter(self.settings).report(lambda: self._event("FAIL", reason=reason))

    def _event(self, kind: Kind, *, figures: tuple[int, int, int] | None = None, reason: str = "") -> RunEvent:
        from openlineage.client.facet_v2 import dataset_version_dataset, output_statistics_output_dataset

        from stir.lineage import events

        spec = find_spec(self.name)
        mart, published = self._tables(spec)
        facets = {} if spec.query else events.copied_columns(mart, (column.name for column in spec.columns))
        statistics = {}
        if figures:
            generation, rows, size = figures
            version = dataset_version_dataset.DatasetVersionDatasetFacet(str(generation), producer=events.PRODUCER)
            counted = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                rowCount=rows, size=size, producer=events.PRODUCER
            )
            facets, statistics = {**facets, "version": version}, {"outputStatistics": counted}
        return events.event(
            kind,
            f"publish.{self.name}.{self.target}",
            events.run_uuid("publish", self.target, self.name, self.run_id),
            integration="STIR",
            job_type="PUBLISH",
            inputs=[mart],
            outputs=[published],
            run_facets=events.failed(reason) if reason else None,
            dataset_facets=facets,
            output_facets=statistics,
        )

    def _tables(self, spec: PublishSpec) -> tuple[Table, Table]:
        from stir.lineage import events

        server, database = events.postgres_place(self.settings, self.target)
        # A spec with a query makes its columns; the mart has others.
        columns = () if spec.query else spec.columns
        return (
            events.Table(
                events.clickhouse_namespace(self.settings),
                f"{self.settings.clickhouse_database}.{spec.mart_of(self.target)}",
                [(column.name, column.type, column.comment) for column in columns],
            ),
            events.Table(
                server,
                f"{database}.{spec.schema}.{spec.table}",
                [(column.name, column.travel.postgres, column.comment) for column in spec.columns],
            ),
        )


@contextmanager
def reporting(settings: Settings, name: str, target: Target, run_id: str) -> Iterator[PublishReport]:
    """Report that a publish begins, and that it failed if the body raises. The body reports how it ends."""
    report = PublishReport(settings, name, target, run_id)
    report.began()
    try:
        yield report
    except BaseException as error:
        report.failed(str(error) or type(error).__name__)
        raise
