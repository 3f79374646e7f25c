"""Publish the monthly leaderboard with its rank history: `mart_leaderboard` to `leaderboard` in PostgreSQL.

Beside it why the ranks moved: `mart_rank_movement` to `rank_movement`.

Who depends on it: the leaderboard application reads this table all day; it never sees a half-loaded one.
When it fails: readers keep the last generation. The log of the failed task says what was refused (a guard, a difference
between the two sides, readers that did not give way). Fix it and clear the run from `export` on, or the task
`rank_movement`; `./stir rollback NAME` gives an earlier generation back, `./stir publish NAME --allow GUARD` waives a
guard once.
"""

from airflow.sdk import DAG

from stir.dags.publish import Beside, PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_leaderboard_prod",
    latest_start="15 22 * * *",
    owner="leaderboard",
    tier=1,
    tags=["export", "leaderboard", "prod"],
    doc=__doc__,
    run=PublishRun(
        name="leaderboard",
        mart="mart_leaderboard",
        target="prod",
        beside=(Beside(name="rank_movement", mart="mart_rank_movement"),),
    ),
)
