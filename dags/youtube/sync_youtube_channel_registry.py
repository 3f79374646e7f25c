"""Add every channel that the application, the crawler or the subscription graph knows to the registry.

Who depends on it: `sync_youtube_profile_relationships`, which walks the registry (kind registry_channel of
ops.tracked_entity).
When it fails: new channels are found a day later. Rows are only added: clear it at any time.
"""

from airflow.sdk import DAG

from stir.dags.trigger import registry_dag

dag: DAG = registry_dag(
    "sync_youtube_channel_registry",
    category="youtube",
    schedule="0 1 * * *",
    owner="creator discovery",
    tier=3,
    tags=["registry", "discovery"],
    doc=__doc__,
)
