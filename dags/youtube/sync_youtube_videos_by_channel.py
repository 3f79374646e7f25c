"""Request the latest uploads of tracked channels that are due, by their playlist of uploads.

Who depends on it: posts, summaries and the leaderboard's uploads.
When it fails: new videos come later. The log of `enqueue` ends with the reason; the next run decides again, so
late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_youtube_videos_by_channel",
    category="youtube",
    schedule="9-59/10 * * * *",
    owner="creator discovery",
    tier=1,
    tags=["scrape", "posts"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="youtube_tracked_videos",
        flow="refresh_yt_posts_by_playlist_id",
        priority=2,
        limit=500,
        window=Window(every=timedelta(days=31), cool_down="cool_down_seconds", retry_after=timedelta(hours=12)),
        params=("playlist_id",),
        constants={"max_posts": 50},
    ),
)
