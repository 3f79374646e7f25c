"""Request storage of the pictures of followers, with the lowest priority.

Who depends on it: the follower sample's pages.
When it fails: pages show a placeholder. The log of `enqueue` ends with the reason; the next run decides again, so
late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "upload_profile_relationship_asset",
    category="assets",
    schedule="8-59/10 * * * *",
    owner="creator discovery",
    tier=3,
    tags=["asset", "graph"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="follower_pictures",
        flow="asset_upload_flow",
        priority=8,
        limit=1000,
        window=Window(every=timedelta(days=30), retry_after=timedelta(days=1)),
        constants={"entity_type": "PROFILE", "asset_type": "IMAGE", "platform": "INSTAGRAM"},
    ),
)
