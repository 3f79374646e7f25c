"""Refresh posts of the priority collections (kind priority_collection of ops.tracked_entity) twice as often as others.

Who depends on it: the campaigns that are watched by the hour.
When it fails: these collections are as fresh as all others. The log of `enqueue` ends with the reason; the next run
decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_priority_collection_posts",
    category="operations",
    schedule="2-59/10 * * * *",
    owner="campaigns",
    tier=2,
    tags=["scrape", "collections"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="instagram_priority_collection_posts",
        flow="refresh_post_by_shortcode",
        priority=2,
        limit=100,
        window=Window(every=timedelta(hours=6)),
        tracked=("priority_collection",),
    ),
)
