"""Request the videos of collections: never seen first, then those of the last 50 days; failures count per video.

Who depends on it: collection reports, which customers watch while a campaign runs.
When it fails: reports show yesterday's numbers. The log of `enqueue` ends with the reason; the next run decides
again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_youtube_collection_posts",
    category="youtube",
    schedule="5-59/10 * * * *",
    owner="campaigns",
    tier=1,
    tags=["scrape", "collections"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="youtube_collection_posts",
        flow="refresh_yt_posts",
        priority=2,
        limit=250,
        window=Window(every=timedelta(hours=12)),
    ),
)
