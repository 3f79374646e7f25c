"""Publish peer-group averages and histograms: `mart_profile_group_metrics` to `group_metrics`.

Who depends on it: profile pages grade a creator against peers with this table.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on. `./stir rollback group_metrics` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_group_metrics_prod",
    category="operations",
    latest_start="55 1 * * *",
    owner="creator discovery",
    tier=2,
    tags=["export", "prod"],
    doc=__doc__,
    run=PublishRun(name="group_metrics", mart="mart_profile_group_metrics", target="prod"),
)
