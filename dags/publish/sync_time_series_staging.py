"""Publish the growth series of profiles to the staging database.

Who depends on it: the pre-production application.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on. `./stir rollback time_series --target staging` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_time_series_staging",
    latest_start="0 4 * * *",
    owner="leaderboard",
    tier=3,
    tags=["export", "staging"],
    doc=__doc__,
    run=PublishRun(name="time_series", mart="mart_time_series", target="staging"),
)
