"""Request guesses of the audience's ages and genders for large accounts without one.

Who depends on it: search filters and audience pages show these guesses where nothing better is known.
When it fails: guesses come later; nothing is paid twice, because the key holds the prompt version. The log of
`enqueue` ends with the reason; the next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_instagram_gpt_audience_age_gender",
    category="instagram",
    schedule="5 */8 * * *",
    owner="creator discovery",
    tier=3,
    tags=["gpt", "enrich"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="inference_audience",
        flow="refresh_instagram_gpt_data_audience_age_gender",
        priority=9,
        limit=25_000,
        window=Window(every=timedelta(days=30), per="prompt_version", retry_after=timedelta(days=1)),
        params=("data.handle", "data.name", "data.bio", "data.category"),
        constants={"prompt_version": "v0.11", "max_tokens": 600},
        bind={"followers": 100_000, "countries": ["IN"]},
    ),
)
