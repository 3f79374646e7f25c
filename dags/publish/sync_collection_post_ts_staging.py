"""Publish the daily series of pre-production: `mart_staging_collection_post_ts` to the staging database.

Who depends on it: the pre-production application.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on. `./stir rollback collection_post_ts --target staging` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_collection_post_ts_staging",
    latest_start="55 0 * * *",
    owner="campaigns",
    tier=3,
    tags=["export", "staging"],
    doc=__doc__,
    run=PublishRun(name="collection_post_ts", mart="mart_staging_collection_post_ts", target="staging"),
)
