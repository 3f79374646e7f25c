"""Update the items of campaign collections to the reviews of submissions.

Who depends on it: campaign reports show exactly the approved posts.
When it fails: reports may show a rejected post, or lack an approved one. Each run decides again from the reviews, so
the next good run corrects all of them.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "reconcile_submission_status",
    category="operations",
    schedule="17 * * * *",
    owner="campaigns",
    tier=1,
    tags=["campaign", "reconcile"],
    doc=__doc__,
)
