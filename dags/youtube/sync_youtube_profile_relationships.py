"""Request the relationships of the registry's channels: never tried first, then those tried longest ago.

Who depends on it: `mart_youtube_subscriber`, the graph of subscriptions.
When it fails: edges are filled later. An empty registry is filled by `sync_youtube_channel_registry`. The log of
`enqueue` ends with the reason; the next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_youtube_profile_relationships",
    category="youtube",
    schedule="7-59/10 * * * *",
    owner="creator discovery",
    tier=3,
    tags=["scrape", "graph"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="youtube_relationships",
        flow="refresh_yt_profile_relationship",
        priority=8,
        limit=1000,
        window=Window(every=timedelta(days=1)),
        tracked=("registry_channel",),
    ),
)
