"""Publish peer-group averages and histograms: `mart_profile_group_metrics` to `group_metrics`.

Beside it what profile pages show: `creator`, `creator_audience` and `creator_post`, each when its mart was built.

Who depends on it: profile pages show a creator, the audience and the posts, and grade the creator against peers.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on, or the task of the refused table. `./stir rollback NAME` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import Beside, PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_group_metrics_prod",
    category="operations",
    latest_start="55 1 * * *",
    owner="creator discovery",
    tier=2,
    tags=["export", "prod"],
    doc=__doc__,
    run=PublishRun(
        name="group_metrics",
        mart="mart_profile_group_metrics",
        target="prod",
        beside=(
            Beside(name="creator", mart="mart_creator"),
            Beside(name="creator_audience", mart="mart_audience_info", isolated=True),
            Beside(name="creator_post", mart="mart_creator_post", isolated=True),
        ),
    ),
)
