"""Insert the missing journey rows of active applications.

Who depends on it: the application shows a creator the steps of a campaign from this row.
When it fails: creators accepted since the last good run see no steps. The next good run adds them; a row is never
added twice.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "create_missing_journeys",
    category="operations",
    schedule="11 * * * *",
    owner="campaigns",
    tier=2,
    tags=["campaign", "reconcile"],
    doc=__doc__,
)
