"""Request guesses of the creator's gender for large accounts without one.

Who depends on it: search filters and audience pages show these guesses where nothing better is known.
When it fails: guesses come later; the day's tokens bound what it can cost. The log of `enqueue` ends with the
reason; the next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_gpt_base_gender",
    category="instagram",
    schedule="34 */8 * * *",
    owner="creator discovery",
    tier=3,
    tags=["gpt", "enrich"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="inference_basics",
        flow="refresh_instagram_gpt_data_base_gender",
        priority=9,
        limit=25_000,
        window=Window(every=timedelta(days=30), per="prompt_version", retry_after=timedelta(days=1)),
        params=("data.handle", "data.name", "data.bio"),
        constants={"prompt_version": "v0.12", "max_tokens": 200},
        bind={"wanted": "gender", "followers": 100_000, "countries": ["IN"]},
    ),
)
