"""Request listed stories together with the current numbers of their owner; the crawler decides when.

Who depends on it: collection reports; a story is gone after a day and cannot be fetched later.
When it fails: clear it at once: each hour loses stories for good. The log of `enqueue` ends with the reason; the
next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_collection_stories",
    category="instagram",
    schedule="12 */3 * * *",
    owner="campaigns",
    tier=1,
    tags=["scrape", "stories"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="instagram_collection_stories",
        flow="refresh_story_posts_by_profile_id",
        priority=1,
        limit=250,
        window=Window(every=timedelta(hours=3)),
        params=("handle", "story_ids", "profile_follower", "profile_er", "profile_static_er", "profile_reels_er"),
    ),
)
