"""Request the insights of live stories of connected accounts, in the order of expiry.

Who depends on it: story reach in collection reports; the platform forgets it with the story.
When it fails: clear it at once: each hour loses insights for good. The log of `enqueue` ends with the reason; the
next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_story_insights",
    category="instagram",
    schedule="52 */3 * * *",
    owner="creator discovery",
    tier=1,
    tags=["scrape", "insights"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="instagram_story_insights",
        flow="refresh_story_insights",
        priority=1,
        limit=1000,
        window=Window(every=timedelta(hours=3)),
        params=("handle", "story_id", "profile_id"),
    ),
)
