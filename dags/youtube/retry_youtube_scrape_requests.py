"""Release YouTube requests whose worker was silent for 15 minutes; a request fails after three releases.

Who depends on it: every YouTube trigger: requests that are held for ever fill the queue.
When it fails: held requests wait an hour longer; it touches none that are younger than their lease, so clear it at
any time.
"""

from airflow.sdk import DAG

from stir.dags.trigger import recovery_dag

dag: DAG = recovery_dag(
    "retry_youtube_scrape_requests",
    category="youtube",
    schedule="50 * * * *",
    owner="data platform",
    tier=2,
    tags=["scrape", "recovery"],
    doc=__doc__,
    platform="YOUTUBE",
)
