"""Publish the daily series of every collection's posts: `mart_collection_post_ts` to `collection_post_metrics_ts`.

Beside it the daily totals of the collections: `mart_collection_totals_ts` to `collection_totals_ts`.

Who depends on it: campaign reports draw their charts from this table.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on, or from `collection_totals_ts`. `./stir rollback NAME` gives an earlier generation of either back.
"""

from airflow.sdk import DAG

from stir.dags.publish import Beside, PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_collection_post_ts_prod",
    latest_start="45 0 * * *",
    owner="campaigns",
    tier=1,
    tags=["export", "prod"],
    doc=__doc__,
    run=PublishRun(
        name="collection_post_ts",
        mart="mart_collection_post_ts",
        target="prod",
        beside=(Beside(name="collection_totals_ts", mart="mart_collection_totals_ts"),),
    ),
)
