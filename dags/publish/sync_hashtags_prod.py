"""Publish the hashtags of profiles after the weekly build: `mart_instagram_hashtags` to `social_profile_hashtags`.

Who depends on it: profile pages show the hashtags that a creator uses most.
When it fails: readers keep the last generation. The log of the failed task says what was refused; fix it and clear the
run from `export` on. `./stir rollback profile_hashtags` gives an earlier generation back.
"""

from airflow.sdk import DAG

from stir.dags.publish import PublishRun, publish_dag

dag: DAG = publish_dag(
    "sync_hashtags_prod",
    latest_start="30 9 * * 1",
    owner="creator discovery",
    tier=3,
    tags=["export", "prod"],
    doc=__doc__,
    run=PublishRun(name="profile_hashtags", mart="mart_instagram_hashtags", target="prod"),
)
