"""Request the stories of the profiles on the list (kind listed_profile of ops.tracked_entity).

Who depends on it: those who keep the list.
When it fails: stories of these hours may be lost for good. The log of `enqueue` ends with the reason; the next run
decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_stories_of_listed_profiles",
    category="instagram",
    schedule="26 */4 * * *",
    owner="creator discovery",
    tier=3,
    tags=["scrape", "stories"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="instagram_listed_profiles",
        flow="refresh_story_posts_by_profile_id",
        priority=3,
        limit=1000,
        window=Window(every=timedelta(hours=4)),
        params=("handle",),
        tracked=("listed_profile",),
    ),
)
