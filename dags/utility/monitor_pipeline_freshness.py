"""Compare the age of sources, models, publications and queues with their freshness targets.

Who depends on it: everybody on call. A missed target is reported once, to the channel of its tier, and again only after
it was met in between. The targets are in `plugins/stir/operations/freshness_targets.py`.
When it fails: nobody is alerted about stale data until it runs again. It fails only when PostgreSQL is away; if another
server is away, the targets for its data are missed.
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
