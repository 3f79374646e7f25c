"""Refresh the channels that must never be stale (kind critical_channel of ops.tracked_entity), the stalest first.

Who depends on it: the leaderboard: a missing top channel is what its readers notice first.
When it fails: clear it the same day. The log of `enqueue` ends with the reason; the next run decides again, so
late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_youtube_critical_channels",
    category="youtube",
    schedule="40 0 * * *",
    owner="creator discovery",
    tier=1,
    tags=["scrape", "profile"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="youtube_critical_channels",
        flow="refresh_yt_profiles",
        priority=3,
        limit=5000,
        window=Window(every=timedelta(hours=24)),
        tracked=("critical_channel",),
    ),
)
