"""Request the tracked Instagram profiles that are due, strictly by priority, then by how long they have been due.

Who depends on it: every account mart, the leaderboard and the series; without fresh profiles they stand still.
When it fails: ranks age by the minute but nothing breaks. If a column or table is missing, run
`dbt_refresh_account_tracker_stats`. The log of `enqueue` ends with the reason; the next run decides again, so
late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_profiles_by_handle",
    category="instagram",
    schedule="*/10 * * * *",
    owner="creator discovery",
    tier=1,
    tags=["scrape", "profile"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="instagram_tracked_profiles",
        flow="refresh_profile_by_handle",
        priority=2,
        limit=800,
        window=Window(every=timedelta(days=31), cool_down="cool_down_seconds", retry_after=timedelta(hours=12)),
    ),
)
