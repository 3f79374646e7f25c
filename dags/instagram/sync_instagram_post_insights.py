"""Request the private insights of last month's posts of connected accounts, newest first.

Who depends on it: reach and impressions of posts, which are estimates without it.
When it fails: estimates stay. The log of `enqueue` ends with the reason; the next run decides again, so late clearing
loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_post_insights",
    category="instagram",
    schedule="32 */6 * * *",
    owner="creator discovery",
    tier=2,
    tags=["scrape", "insights"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="instagram_post_insights",
        flow="refresh_post_insights",
        priority=4,
        limit=1000,
        window=Window(every=timedelta(hours=24)),
        params=("handle", "post_id", "post_type"),
    ),
)
