"""First refresh of channels that joined the application and have no statistics yet.

Who depends on it: the application's own pages of these channels.
When it fails: new channels stay empty for a day. The log of `enqueue` ends with the reason; the next run decides
again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_youtube_channels",
    category="youtube",
    schedule="20 0 * * *",
    owner="creator discovery",
    tier=2,
    tags=["scrape", "profile"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="youtube_app_channels",
        flow="refresh_yt_profiles",
        priority=3,
        limit=5000,
        window=Window(every=timedelta(days=1)),
    ),
)
