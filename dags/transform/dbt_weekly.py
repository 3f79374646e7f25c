"""Hashtags, tagged users, locations and caption languages, each Monday (tag `weekly`).

Who depends on it: `sync_hashtags_prod` publishes `mart_instagram_hashtags` when its tests have passed; discovery reads
locations and languages.
When it fails: last week's tables stay. Fix the model that the log of `build` names and clear it within the week; the
incremental ones read on from their watermark, so nothing is lost.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "dbt_weekly",
    schedule="0 6 * * 1",
    owner="creator discovery",
    tier=3,
    tags=["weekly"],
    doc=__doc__,
    spec=TransformSpec(
        cadence="weekly",
        timeout=timedelta(minutes=360),
        publishes=("mart_instagram_hashtags",),
    ),
)
