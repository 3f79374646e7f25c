"""Request storage of story images before their links expire, in the order of expiry.

Who depends on it: collection reports show them long after the story is gone.
When it fails: clear it at once: an image that expired is lost for good. The log of `enqueue` ends with the reason;
the next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "upload_post_asset_stories",
    category="assets",
    schedule="4-59/10 * * * *",
    owner="creator discovery",
    tier=1,
    tags=["asset", "stories"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="story_images",
        flow="asset_upload_flow_stories",
        priority=1,
        limit=25_000,
        window=Window(every=timedelta(hours=3)),
        params=("original_url", "url_hash"),
        constants={"entity_type": "POST", "asset_type": "IMAGE", "platform": "INSTAGRAM"},
    ),
)
