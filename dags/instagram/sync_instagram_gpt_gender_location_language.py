"""Request guesses of gender, place and language with the current prompt; failures are tried again after a day.

Who depends on it: search filters and audience pages show these guesses where nothing better is known.
When it fails: guesses come later; the day's tokens bound what it can cost. The log of `enqueue` ends with the
reason; the next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_gpt_gender_location_language",
    category="instagram",
    schedule="4-59/10 * * * *",
    owner="creator discovery",
    tier=3,
    tags=["gpt", "enrich"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="inference_basics",
        flow="refresh_instagram_gpt_data_gender_location_language",
        priority=9,
        limit=3500,
        window=Window(every=timedelta(days=30), per="prompt_version", retry_after=timedelta(days=1)),
        params=("data.handle", "data.name", "data.bio"),
        constants={"prompt_version": "v0.12", "max_tokens": 400},
        bind={"wanted": "any", "followers": 100_000, "countries": []},
    ),
)
