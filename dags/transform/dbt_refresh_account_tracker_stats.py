"""Which profiles are tracked, how urgently, and when each is due (tag `account_tracker_stats`).

Who depends on it: `sync_instagram_profiles_by_handle`, `sync_youtube_profiles_by_channel` and the other profile
triggers ask for what these tables say is due.
When it fails: triggers go on with the last list; what became due meanwhile is asked for late, nothing is asked for
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
