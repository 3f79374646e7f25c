"""Compare watermarks, models, published generations and queue ages with what is promised of them.

Who depends on it: everybody on call; a promise that breaks is told once, to the channel of its tier, and once more only
after it was kept in between. What is promised stands in `plugins/stir/operations/freshness_targets.py`.
When it fails: nobody is told of stale data until it runs again. It fails only when PostgreSQL is away; any other server
that is away breaks the promises about what it holds.
"""

from airflow.sdk import DAG

from stir.dags.operations import freshness_dag

dag: DAG = freshness_dag(
    "monitor_pipeline_freshness",
    schedule="*/10 * * * *",
    owner="data platform",
    tier=1,
    tags=["monitor", "alert"],
    doc=__doc__,
)
