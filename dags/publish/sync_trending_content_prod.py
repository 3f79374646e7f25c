"""Publish the trending posts of each genre: `mart_genre_trending_content` to `trending_content`.

Who depends on it: the application's genre pages show what trends.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on. `./stir rollback trending_content` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_trending_content_prod",
    latest_start="35 1 * * *",
    owner="leaderboard",
    tier=2,
    tags=["export", "genre", "prod"],
    doc=__doc__,
    run=PublishRun(name="trending_content", mart="mart_genre_trending_content", target="prod"),
)
