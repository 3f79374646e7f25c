"""Request once per video the comments of listed videos of the partners that have sentiment reports.

Who depends on it: `sync_post_collection_sentiment_report`, which reports on collections with new comments.
When it fails: reports wait. Partners are rows of kind sentiment_partner in ops.tracked_entity. The log of `enqueue`
ends with the reason; the next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_youtube_post_comments",
    category="youtube",
    schedule="37 */3 * * *",
    owner="campaigns",
    tier=2,
    tags=["scrape", "comments"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="youtube_comments",
        flow="fetch_yt_post_comments",
        priority=5,
        limit=250,
        window=Window(retry_after=timedelta(days=1)),
        constants={"max_comments": 1000},
        tracked=("sentiment_partner",),
    ),
)
