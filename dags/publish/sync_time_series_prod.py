"""Publish the growth series of profiles: `mart_time_series` to `social_profile_time_series` in PostgreSQL.

Who depends on it: profile pages draw their growth charts from this table.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on. `./stir rollback time_series` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_time_series_prod",
    latest_start="3 3 * * *",
    owner="leaderboard",
    tier=1,
    tags=["export", "prod"],
    doc=__doc__,
    run=PublishRun(name="time_series", mart="mart_time_series", target="prod"),
)
