"""Request the stories of connected accounts before they expire.

Who depends on it: `sync_instagram_story_insights` and `upload_post_asset_stories`, which need to know that a story
exists.
When it fails: stories of these hours may be lost for good; clear it soon. The log of `enqueue` ends with the
reason; the next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_stories",
    category="instagram",
    schedule="16 */6 * * *",
    owner="creator discovery",
    tier=2,
    tags=["scrape", "stories"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="instagram_connected_stories",
        flow="refresh_stories_posts",
        priority=3,
        limit=1000,
        window=Window(every=timedelta(hours=6)),
    ),
)
