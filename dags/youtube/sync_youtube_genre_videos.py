"""Discover videos of every category in the twelve languages that most channels speak.

Who depends on it: the genre marts, which find new channels through it.
When it fails: discovery waits a week; clear it before. The log of `enqueue` ends with the reason; the next run
decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_youtube_genre_videos",
    category="youtube",
    schedule="0 2 * * 0",
    owner="leaderboard",
    tier=3,
    tags=["scrape", "discovery"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="youtube_genres",
        flow="refresh_yt_posts_by_genre",
        priority=5,
        limit=1000,
        window=Window(every=timedelta(days=7), retry_after=timedelta(days=1)),
        params=("category", "language"),
        bind={"languages": 12},
    ),
)
