"""Complete the referral submissions whose tracked link was launched by somebody else than its owner.

Who depends on it: a completed referral counts for the creator's campaign.
When it fails: completions come later, with the time of the first launch all the same. The next good run makes them.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "complete_referral_submissions",
    category="operations",
    schedule="23 * * * *",
    owner="campaigns",
    tier=2,
    tags=["campaign", "referral"],
    doc=__doc__,
)
