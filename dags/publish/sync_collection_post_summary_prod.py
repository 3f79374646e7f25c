"""Publish the latest state of every collection's posts: `mart_collection_post` to `collection_post_metrics_summary`.

Beside it one row for each collection: `mart_collection` to `collection`.

Who depends on it: campaign reports draw their totals and post lists from this table; nobody else writes it.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on, or from `collection`. `./stir rollback NAME` gives an earlier generation of either back.
"""

from airflow.sdk import DAG

from stir.dags.publish import Beside, PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_collection_post_summary_prod",
    latest_start="25 0 * * *",
    owner="campaigns",
    tier=1,
    tags=["export", "prod"],
    doc=__doc__,
    run=PublishRun(
        name="collection_post_summary",
        mart="mart_collection_post",
        target="prod",
        beside=(Beside(name="collection", mart="mart_collection"),),
    ),
)
