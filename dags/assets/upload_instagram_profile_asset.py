"""Request storage of new and changed profile pictures.

Who depends on it: every page that shows a creator.
When it fails: pages show the picture before. The log of `enqueue` ends with the reason; the next run decides
again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "upload_instagram_profile_asset",
    category="assets",
    schedule="6-59/10 * * * *",
    owner="creator discovery",
    tier=2,
    tags=["asset", "profile"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="profile_pictures",
        flow="asset_upload_flow",
        priority=6,
        limit=10_000,
        window=Window(per="url_hash", retry_after=timedelta(days=1)),
        params=("original_url", "url_hash"),
        constants={"entity_type": "PROFILE", "asset_type": "IMAGE", "platform": "INSTAGRAM"},
    ),
)
