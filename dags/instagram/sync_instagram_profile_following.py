"""Request the accounts that creators of the graph follow, if none are stored.

Who depends on it: the graph of creators.
When it fails: edges are filled later. The log of `enqueue` ends with the reason; the next run decides again, so
late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_profile_following",
    category="instagram",
    schedule="3-59/10 * * * *",
    owner="creator discovery",
    tier=3,
    tags=["scrape", "graph"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="instagram_following",
        flow="fetch_profile_following",
        priority=8,
        limit=300,
        window=Window(every=timedelta(days=3)),
    ),
)
