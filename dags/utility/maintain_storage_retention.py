"""Remove old exports and artifacts, left-over tables, logs and answered requests; the log lists them first.

Who depends on it: the disks of S3, ClickHouse and PostgreSQL. Ages are settings: `STIR_KEEP_ARTIFACTS_DAYS` and others.
When it fails: storage grows, nothing else suffers. Each sweep is safe to run again; clear `sweep`, or start a run by
hand with `dry_run` to see what it would do.
"""

from airflow.sdk import DAG

from stir.dags.operations import retention_dag

dag: DAG = retention_dag(
    "maintain_storage_retention",
    schedule="30 5 * * *",
    owner="data platform",
    tier=2,
    tags=["maintenance", "retention"],
    doc=__doc__,
)
