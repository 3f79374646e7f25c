"""Write the best two collaborations and two challenges of each creator, and a message where they changed. By hand only.

Who depends on it: the CRM invites creators from `ops.outbox`; the application shows `campaign.recommendation`.
When it fails: the earlier recommendations stay; sets are replaced in one transaction. The score is explained in
`plugins/stir/operations/rules/recommend_campaigns.sql`.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "recommend_campaigns",
    category="utility",
    schedule=None,
    owner="campaigns",
    tier=3,
    tags=["crm", "outbox"],
    doc=__doc__,
)
