"""Request storage of the thumbnails of new posts; stories have their own DAG.

Who depends on it: every page that shows a post: the platform's own links expire within days.
When it fails: pages show a placeholder; a thumbnail can be fetched while its link lives. The log of `enqueue` ends
with the reason; the next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "upload_post_asset",
    category="assets",
    schedule="2-59/10 * * * *",
    owner="creator discovery",
    tier=2,
    tags=["asset", "posts"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="post_thumbnails",
        flow="asset_upload_flow",
        priority=6,
        limit=25_000,
        window=Window(per="url_hash", retry_after=timedelta(days=1)),
        params=("original_url", "url_hash"),
        constants={"entity_type": "POST", "asset_type": "IMAGE", "platform": "INSTAGRAM"},
    ),
)
