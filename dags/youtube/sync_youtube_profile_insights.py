"""Request the private analytics of connected channels that are older than a week.

Who depends on it: `mart_audience_info_private`: ages, genders and places as the platform reports them.
When it fails: audiences age by a day. The log of `enqueue` ends with the reason; the next run decides again, so
late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_youtube_profile_insights",
    category="youtube",
    schedule="10 3 * * *",
    owner="creator discovery",
    tier=2,
    tags=["scrape", "insights"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="youtube_profile_insights",
        flow="refresh_yt_profile_insights",
        priority=4,
        limit=1000,
        window=Window(every=timedelta(days=7), retry_after=timedelta(days=1)),
    ),
)
