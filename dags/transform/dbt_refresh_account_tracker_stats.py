"""Build the lists of tracked profiles with priority and due time (tag `account_tracker_stats`).

Who depends on it: `sync_instagram_profiles_by_handle`, `sync_youtube_profiles_by_channel` and the other profile
triggers request what is due by these tables.
When it fails: triggers use the last list; newly due profiles are requested late, and nothing is requested
twice. The log of `build` names the failed models; the tables are rebuilt whole by the next good run.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "dbt_refresh_account_tracker_stats",
    schedule="5 * * * *",
    owner="creator discovery",
    tier=1,
    tags=["tracker"],
    doc=__doc__,
    spec=TransformSpec(cadence="account_tracker_stats", timeout=timedelta(minutes=40)),
)
