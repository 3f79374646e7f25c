"""Request the posts of every enabled hashtag (kind hashtag of ops.tracked_entity).

Who depends on it: those who keep the list.
When it fails: posts of these hours are found six hours later. The log of `enqueue` ends with the reason; the next
run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "track_hashtags",
    category="utility",
    schedule="48 */6 * * *",
    owner="creator discovery",
    tier=3,
    tags=["scrape", "hashtag"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="hashtags",
        flow="fetch_hashtag_posts",
        priority=5,
        limit=500,
        window=Window(every=timedelta(hours=6)),
        constants={"max_posts": 2000},
        tracked=("hashtag",),
    ),
)
