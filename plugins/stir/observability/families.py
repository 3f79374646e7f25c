"""Every metric that `stir exporter` serves: its name, what it means, and its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Family:
    """One metric. Names end in the unit, as Prometheus has it; a counter ends in `_total`."""

    name: str
    help: str
    labels: Sequence[str]
    kind: Literal["gauge", "counter"] = "gauge"


@dataclass(frozen=True)
class Sample:
    """One value of a metric, for the values of its labels."""

    name: str
    labels: Sequence[str]
    value: float


_PUBLISHED = ("table", "target")
_PROMISED = ("kind", "name", "tier")

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family("stir_read_ok", "1 if the exporter could read this part, 0 if its server did not answer", ("part",)),
        Family("stir_publish_generation", "Number of the generation that readers see", _PUBLISHED),
        Family("stir_publish_rows", "Rows of the generation that readers see", _PUBLISHED),
        Family("stir_publish_bytes", "Bytes of its exported parts, compressed", _PUBLISHED),
        Family("stir_publish_swapped_timestamp_seconds", "When that generation was swapped in", _PUBLISHED),
        Family("stir_publish_runs_total", "Runs by outcome", (*_PUBLISHED, "outcome"), "counter"),
        Family("stir_publish_last_run_seconds", "How long the latest finished run took", _PUBLISHED),
        Family("stir_publish_last_run_failed", "1 if the latest finished run was refused or failed", _PUBLISHED),
        Family("stir_publish_last_run_timestamp_seconds", "When the latest finished run ended", _PUBLISHED),
        Family("stir_publish_running", "Runs that began and have not ended", _PUBLISHED),
        Family("stir_published_data_age_seconds", "Age of the oldest feed in the rows that readers see", _PUBLISHED),
        Family("stir_published_feed_age_seconds", "Age of each feed in those rows", (*_PUBLISHED, "feed")),
        Family("stir_freshness_age_seconds", "Age of a source, model, publication or queue", _PROMISED),
        Family("stir_freshness_limit_seconds", "The age above which its freshness target is missed", _PROMISED),
        Family("stir_freshness_kept", "1 if the freshness target is met, 0 if it is missed", _PROMISED),
        Family("stir_dbt_model_seconds", "Seconds of ClickHouse that the latest build of a model took", ("model",)),
        Family("stir_dbt_model_rows", "Rows that it wrote", ("model",)),
        Family("stir_dbt_model_read_rows", "Rows that it read", ("model",)),
        Family("stir_dbt_model_memory_bytes", "The most memory that one of its statements took", ("model",)),
        Family("stir_dbt_model_failed", "1 if a statement of it failed", ("model",)),
        Family("stir_dbt_model_ended_timestamp_seconds", "When it ended", ("model",)),
        Family("stir_airflow_dag_run_failed", "1 if the latest finished run of a DAG failed", ("dag_id",)),
        Family("stir_airflow_dag_run_seconds", "How long that run took", ("dag_id",)),
        Family("stir_airflow_dag_run_ended_timestamp_seconds", "When that run ended", ("dag_id",)),
        Family("stir_airflow_dag_runs", "Runs that have not ended, by state", ("dag_id", "state")),
        Family("stir_airflow_heartbeat_age_seconds", "Seconds since the last heartbeat of a process", ("job",)),
    )
}
