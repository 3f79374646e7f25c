"""Publish totals and audience mix of each genre to the staging database.

Who depends on it: the pre-production application.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on. `./stir rollback genre_overview --target staging` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_genre_overview_staging",
    latest_start="30 4 * * *",
    owner="leaderboard",
    tier=3,
    tags=["export", "genre", "staging"],
    doc=__doc__,
    run=PublishRun(name="genre_overview", mart="mart_genre_overview", target="staging"),
)
