"""A build waits for the builds that it reads from, in the running Airflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stir.local.airflow.api import AirflowApi

from .airflow_runs import ended, logs, run, unpaused, wait_for


@contextmanager
def no_slots(api: AirflowApi, pool: str) -> Iterator[None]:
    """A pool whose tasks cannot begin for a while."""
    slots = api.call("GET", f"/pools/{pool}")["slots"]

    def give(number: int) -> None:
        whole = {"pool": pool, "slots": number, "include_deferred": False}
        api.call("PATCH", f"/pools/{pool}", params={"update_mask": ["slots"]}, json=whole)

    give(0)
    try:
        yield
    finally:
        give(slots)


def test_the_daily_build_waits_for_a_core_build_under_way_but_not_for_a_paused_one(airflow: AirflowApi) -> None:
    little = {"select": "mart_genre_overview"}
    run_id, state = run(airflow, "dbt_daily", little)
    assert state == "success", logs(airflow, "dbt_daily", run_id)
    said = airflow.log("dbt_daily", run_id, "wait_for_upstreams")
    for name in ("dbt_core", "dbt_collections", "dbt_hourly"):
        assert f"{name} is paused and is not waited for" in said

    with unpaused(airflow, "dbt_core", "dbt_daily"):
        with no_slots(airflow, "clickhouse"):
            upstream = airflow.trigger("dbt_core", {"select": "stg_beat_asset_log"})
            run_id = airflow.trigger("dbt_daily", little)

            def waits() -> bool:
                return bool(airflow.tasks("dbt_daily", run_id)["wait_for_upstreams"]["state"] == "up_for_reschedule")

            wait_for(waits, "the daily build to wait")
            assert airflow.run("dbt_core", upstream)["state"] in ("queued", "running")
            assert airflow.tasks("dbt_daily", run_id)["build"]["state"] is None
        assert ended(airflow, "dbt_daily", run_id) == "success", logs(airflow, "dbt_daily", run_id)
        core = airflow.run("dbt_core", upstream)
        assert core["state"] == "success"
        assert core["end_date"] <= airflow.tasks("dbt_daily", run_id)["build"]["start_date"]
    assert "dbt_core has a run under way: this run waits" in airflow.log("dbt_daily", run_id, "wait_for_upstreams")
