"""Publish totals and audience mix of each genre: `mart_genre_overview` to `genre_overview`.

Who depends on it: the application's genre pages show sizes, growth and audiences.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on. `./stir rollback genre_overview` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_genre_overview_prod",
    latest_start="45 1 * * *",
    owner="leaderboard",
    tier=2,
    tags=["export", "genre", "prod"],
    doc=__doc__,
    run=PublishRun(name="genre_overview", mart="mart_genre_overview", target="prod"),
)
