"""Request the posts of collections: never seen first, then those of the last two weeks.

Who depends on it: collection reports, which customers watch while a campaign runs.
When it fails: reports show yesterday's numbers. The log of `enqueue` ends with the reason; the next run decides
again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_collection_posts",
    category="instagram",
    schedule="1-59/10 * * * *",
    owner="campaigns",
    tier=1,
    tags=["scrape", "collections"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="instagram_collection_posts",
        flow="refresh_post_by_shortcode",
        priority=2,
        limit=250,
        window=Window(every=timedelta(hours=12)),
    ),
)
