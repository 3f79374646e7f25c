"""Flag campaign profiles that have a first final post: the first enabled item they posted, with its time.

Who depends on it: the application stops reminding a creator who has the flag; payouts are looked at by it.
When it fails: creators are reminded of what they have done. Nothing is lost: the next good run flags them all.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "flag_final_post_submitted",
    category="operations",
    schedule="6 * * * *",
    owner="campaigns",
    tier=2,
    tags=["campaign", "reconcile"],
    doc=__doc__,
)
