"""Add the accounts of active applications to their campaign's profile collection.

Who depends on it: campaign reports and the triggers for collections read the collection's accounts.
When it fails: new participants are missing from reports. The next good run adds them; an item is never added twice.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "create_missing_collection_items",
    category="assets",
    schedule="36 * * * *",
    owner="campaigns",
    tier=2,
    tags=["campaign", "reconcile"],
    doc=__doc__,
)
