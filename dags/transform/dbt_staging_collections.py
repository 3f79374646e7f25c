"""The collection marts of the pre-production application (tag `staging_collections`), made by the same macros.

Who depends on it: `sync_collection_*_staging`; people who try a change of the application before it goes live.
When it fails: staging keeps its last generation and production does not notice. If `dbt_collections` fails with the
same model's twin, fix that one first: one macro makes both.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "dbt_staging_collections",
    schedule="*/30 * * * *",
    owner="campaigns",
    tier=3,
    tags=["collections"],
    doc=__doc__,
    spec=TransformSpec(
        cadence="staging_collections",
        timeout=timedelta(minutes=120),
        publishes=(
            "mart_staging_collection_post",
            "mart_staging_collection_post_ts",
        ),
    ),
)
