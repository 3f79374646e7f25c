"""Publish the top 100 hashtags of every collection, typed, users' own posts counted separately.

Who depends on it: campaign reports show them as `collection_hashtag`.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on. `./stir rollback collection_hashtags` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_collection_hashtags_prod",
    latest_start="15 1 * * *",
    owner="campaigns",
    tier=2,
    tags=["export", "prod"],
    doc=__doc__,
    run=PublishRun(name="collection_hashtags", mart="mart_collection_post", target="prod"),
)
