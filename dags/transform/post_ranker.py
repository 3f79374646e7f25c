"""Rank all posts of all accounts by recency and make the account summaries from them (tag `post_ranker`).

Who depends on it: `dbt_core` takes account averages from the newer of this and `post_ranker_partial`;
`sync_group_metrics_prod` publishes the newest and best posts of each account.
When it fails: averages of accounts that changed are still renewed by `post_ranker_partial`, the others stay as they
were. The log of `build` names the failed models; clearing it builds only those. Its tables are rebuilt whole.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "post_ranker",
    schedule="10 */5 * * *",
    owner="creator discovery",
    tier=2,
    tags=["ranking"],
    doc=__doc__,
    spec=TransformSpec(
        cadence="post_ranker",
        timeout=timedelta(minutes=240),
        publishes=("mart_creator_post",),
    ),
)
