"""Fresh discovery: entity staging, account bases, peer groups and account marts (tag `core`).

Who depends on it: creator search and profiles read `mart_instagram_account` and `mart_youtube_account`; every other
transform DAG reads its staging models. `sync_group_metrics_prod` publishes creators and peer groups when their tests
passed.
When it fails: readers keep the last good tables. The log of `build` names the failed models with ClickHouse's message;
fix the cause and clear `build`: it builds only what is missing. The next run catches up on a missed one.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "dbt_core",
    schedule="*/15 * * * *",
    owner="creator discovery",
    tier=1,
    tags=["core"],
    doc=__doc__,
    spec=TransformSpec(
        cadence="core",
        timeout=timedelta(minutes=60),
        publishes=("mart_profile_group_metrics", "mart_creator"),
    ),
)
