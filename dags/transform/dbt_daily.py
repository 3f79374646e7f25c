"""Leaderboard, growth series, genre and follower marts (tag `daily`), then the data tests of what is published.

Who depends on it: `sync_leaderboard_*`, `sync_time_series_*`, `sync_trending_content_*` and `sync_genre_overview_*`
start when their mart's tests have passed.
When it fails: nothing is published, and the application keeps the last generation. A failed `build` names the failed
models; a failed `test_*` names the failed check of that mart. Fix the cause, then clear the failed task. A failed
`score_followers` stops nothing: new followers have no score until its next run. Deadline:
22:15, when the publish DAGs start anyway and find nothing new.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "dbt_daily",
    schedule="0 19 * * *",
    owner="leaderboard",
    tier=1,
    tags=["leaderboard"],
    doc=__doc__,
    spec=TransformSpec(
        cadence="daily",
        timeout=timedelta(minutes=360),
        publishes=(
            "mart_leaderboard",
            "mart_rank_movement",
            "mart_time_series",
            "mart_genre_trending_content",
            "mart_genre_overview",
        ),
        scores_followers=True,
    ),
)
