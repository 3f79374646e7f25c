"""Create the missing payout of each accepted application: exactly one, ever.

Who depends on it: creators are paid from `campaign.payout`.
When it fails: payouts come later, none is lost or doubled: a unique key on the application stands behind the rule,
whatever runs at once or again. Read the log of `apply`, fix the cause, and clear it.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "create_missing_payouts",
    category="utility",
    schedule="43 * * * *",
    owner="campaigns",
    tier=1,
    tags=["campaign", "payout"],
    doc=__doc__,
)
