"""Builds events: runs, jobs and data sets by OpenLineage's naming rules."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    DatasetFacet,
    InputDatasetFacet,
    JobFacet,
    OutputDatasetFacet,
    RunFacet,
    column_lineage_dataset,
    error_message_run,
    job_type_job,
    schema_dataset,
)

from stir import __version__
from stir.connections import Target
from stir.settings import Settings

JOBS = "stir"
"""The namespace of every job."""
PRODUCER = f"urn:stir:{__version__}"

Kind = Literal["START", "COMPLETE", "FAIL", "ABORT"]


@dataclass(frozen=True)
class Table:
    """A table of a server, with its columns as (name, type, meaning) where they are known."""

    namespace: str
    name: str
    columns: Sequence[tuple[str, str, str]] = ()

    def facets(self) -> dict[str, DatasetFacet]:
        """The schema, where it is known."""
        if not self.columns:
            return {}
        fields = [
            schema_dataset.SchemaDatasetFacetFields(name=name, type=kind or None, description=meaning or None)
            for name, kind, meaning in self.columns
        ]
        return {"schema": schema_dataset.SchemaDatasetFacet(fields=fields, producer=PRODUCER)}


def clickhouse_namespace(settings: Settings) -> str:
    """The ClickHouse server, without user and password."""
    return f"clickhouse://{settings.clickhouse.host}:{settings.clickhouse.port}"


def postgres_place(settings: Settings, target: Target) -> tuple[str, str]:
    """The PostgreSQL server of a target, without user and password, and its database."""
    parts = urlsplit(settings.postgres_dsn(target=target))
    return f"postgres://{parts.hostname}:{parts.port or 5432}", parts.path.strip("/")


def run_uuid(*names: str) -> str:
    """The id of a run. It is the same in every event about the run, whichever process reports it."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("stir", *names))))


def failed(message: str) -> dict[str, RunFacet]:
    """The reason why a run failed, in one line."""
    first = next((line.strip() for line in message.splitlines() if line.strip()), "no reason given")
    return {"errorMessage": error_message_run.ErrorMessageRunFacet(first[:500], "PYTHON", producer=PRODUCER)}


def copied_columns(source: Table, columns: Iterable[str]) -> dict[str, DatasetFacet]:
    """Column lineage of a table with the same columns as another."""
    same = column_lineage_dataset.Transformation(type="DIRECT", subtype="IDENTITY")
    fields = {
        column: column_lineage_dataset.Fields(
            [column_lineage_dataset.InputField(source.namespace, source.name, column, [same])]
        )
        for column in columns
    }
    return {"columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(fields=fields, producer=PRODUCER)}


def event(
    kind: Kind,
    job: str,
    run_id: str,
    *,
    integration: str,
    job_type: str,
    inputs: Sequence[Table] = (),
    outputs: Sequence[Table] = (),
    run_facets: Mapping[str, RunFacet] | None = None,
    job_facets: Mapping[str, JobFacet] | None = None,
    input_facets: Mapping[str, InputDatasetFacet] | None = None,
    output_facets: Mapping[str, OutputDatasetFacet] | None = None,
    dataset_facets: Mapping[str, DatasetFacet] | None = None,
) -> RunEvent:
    """One event. `input_facets` go to every input; `output_facets` and `dataset_facets` to every output."""
    kind_of_job = job_type_job.JobTypeJobFacet("BATCH", integration, job_type, producer=PRODUCER)
    return RunEvent(
        eventTime=datetime.now(UTC).isoformat(),
        producer=PRODUCER,
        eventType=RunState[kind],
        run=Run(run_id, facets=dict(run_facets or {})),
        job=Job(JOBS, job, facets={"jobType": kind_of_job, **(job_facets or {})}),
        inputs=[
            InputDataset(table.namespace, table.name, facets=table.facets(), inputFacets=dict(input_facets or {}))
            for table in inputs
        ],
        outputs=[
            OutputDataset(
                table.namespace,
                table.name,
                facets={**table.facets(), **(dataset_facets or {})},
                outputFacets=dict(output_facets or {}),
            )
            for table in outputs
        ],
    )
