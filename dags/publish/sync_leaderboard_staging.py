"""Publish the monthly leaderboard with its rank history to the staging database.

Beside it why the ranks moved: `mart_rank_movement` to `rank_movement`.

Who depends on it: the pre-production application.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on. `./stir rollback leaderboard --target staging` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import Beside, PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_leaderboard_staging",
    latest_start="45 23 * * *",
    owner="leaderboard",
    tier=3,
    tags=["export", "leaderboard", "staging"],
    doc=__doc__,
    run=PublishRun(
        name="leaderboard",
        mart="mart_leaderboard",
        target="staging",
        beside=(Beside(name="rank_movement", mart="mart_rank_movement"),),
    ),
)
