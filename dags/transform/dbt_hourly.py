"""Audience and insight models, every two hours (tag `hourly`).

Who depends on it: `sync_group_metrics_prod` publishes `mart_audience_info` for creator pages; genre and campaign marts
read it daily.
When it fails: audiences stay as they were, for two hours more. The log of `build` names the failed models with
ClickHouse's message; clearing it builds only those.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "dbt_hourly",
    schedule="0 1-23/2 * * *",
    owner="creator discovery",
    tier=2,
    tags=["discovery"],
    doc=__doc__,
    spec=TransformSpec(
        cadence="hourly",
        timeout=timedelta(minutes=120),
        publishes=("mart_audience_info",),
    ),
)
