"""Request the tracked channels that are due, forty per request; a channel that failed last has its own request.

Who depends on it: every account mart, the leaderboard and the series; without fresh channels they stand still.
When it fails: ranks age but nothing breaks. If a column or table is missing, run
`dbt_refresh_account_tracker_stats`. The log of `enqueue` ends with the reason; the next run decides again, so
late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_youtube_profiles_by_channel",
    category="youtube",
    schedule="8,38 * * * *",
    owner="creator discovery",
    tier=1,
    tags=["scrape", "profile"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="youtube_tracked_channels",
        flow="refresh_yt_profiles",
        priority=2,
        limit=100_000,
        window=Window(every=timedelta(days=31), cool_down="cool_down_seconds", retry_after=timedelta(hours=12)),
    ),
)
