"""Collection marts with their gaps filled (tag `collections`), then the data tests of what is published.

Who depends on it: `sync_collection_*_prod` start when a mart's tests have passed; campaign reports are drawn from them.
When it fails: reports keep the last generation. A failed `build` names the failed models, a failed `test_*` names the
failed check of that mart. Fix the cause and clear the failed task, or wait: the next run rebuilds every table of it.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "dbt_collections",
    schedule="*/30 * * * *",
    owner="campaigns",
    tier=1,
    tags=["collections"],
    doc=__doc__,
    spec=TransformSpec(
        cadence="collections",
        timeout=timedelta(minutes=120),
        publishes=(
            "mart_collection_post",
            "mart_collection_post_ts",
            "mart_collection",
            "mart_collection_totals_ts",
        ),
    ),
)
