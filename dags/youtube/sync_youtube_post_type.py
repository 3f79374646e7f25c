"""Request a classification (short or long) of videos without a type.

Who depends on it: summaries, which keep shorts and long videos apart.
When it fails: such videos count as neither until it runs. The log of `enqueue` ends with the reason; the next run
decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_youtube_post_type",
    category="youtube",
    schedule="6-59/10 * * * *",
    owner="creator discovery",
    tier=3,
    tags=["scrape", "posts"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="youtube_post_types",
        flow="refresh_yt_post_type",
        priority=6,
        limit=1000,
        window=Window(per="content_hash", retry_after=timedelta(days=1)),
        params=("content_hash",),
    ),
)
