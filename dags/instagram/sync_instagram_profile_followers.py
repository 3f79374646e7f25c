"""Sample followers of the listed creators (kind follower_sample_profile) until enough are stored.

Who depends on it: `mart_audience_info_follower`, whose scores need a sample.
When it fails: samples grow later. The log of `enqueue` ends with the reason; the next run decides again, so
late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_profile_followers",
    category="instagram",
    schedule="3 * * * *",
    owner="creator discovery",
    tier=3,
    tags=["scrape", "graph"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="instagram_followers",
        flow="fetch_profile_followers",
        priority=8,
        limit=500,
        window=Window(every=timedelta(days=1)),
        tracked=("follower_sample_profile",),
        bind={"sample": 500},
    ),
)
