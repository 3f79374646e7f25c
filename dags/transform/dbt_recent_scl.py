"""The scrape requests of the last 24 hours (tag `recent_scl`), the operators' view of the crawler.

Who depends on it: every trigger reads it to know recent requests and failures.
When it fails: triggers decide on a view that is some minutes older; their keys still keep a request from being made
twice. The log of `build` has ClickHouse's message. The table is rebuilt whole, so one good run corrects everything.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "dbt_recent_scl",
    schedule="*/5 * * * *",
    owner="data platform",
    tier=1,
    tags=["scrape-log"],
    doc=__doc__,
    spec=TransformSpec(cadence="recent_scl", timeout=timedelta(minutes=30)),
)
