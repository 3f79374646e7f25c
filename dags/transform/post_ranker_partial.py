"""Re-rank the posts of profiles that changed since the last run, without their ancestors (tag `post_ranker_partial`).

Who depends on it: account summaries in `dbt_core` take the newer of this and the full ranking.
When it fails: account averages stay as old as the last good run; `post_ranker` rebuilds everything every five hours.
The log of `build` names the failed models; the next run starts from the same watermark and loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "post_ranker_partial",
    schedule="*/5 * * * *",
    owner="creator discovery",
    tier=2,
    tags=["ranking"],
    doc=__doc__,
    spec=TransformSpec(cadence="post_ranker_partial", timeout=timedelta(minutes=15)),
)
