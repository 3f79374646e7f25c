"""A build waits for the builds that it reads from and starts the publish of what it builds, in the running Airflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stir import connections
from stir.errors import StirError
from stir.local.airflow.api import AirflowApi
from stir.settings import Settings

from .airflow_runs import active, ended, logs, run, runs, tick_is_due, unpaused, wait_for
from .test_airflow import asset_events, generations, over

UPSTREAM, BUILD, PUBLISH = "dbt_hourly", "dbt_weekly", "sync_hashtags_prod"
MART, TABLE = "mart_instagram_hashtags", "social_profile_hashtags"


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


def test_a_build_waits_for_one_under_way_and_the_mart_that_it_announces_is_published(
    airflow: AirflowApi, settings: Settings
) -> None:
    if tick_is_due(airflow, BUILD):
        run(airflow, BUILD)
    first = runs(airflow, BUILD)[0]["dag_run_id"]
    for name in ("dbt_core", "dbt_daily"):
        assert f"{name} is paused and is not waited for" in airflow.log(BUILD, first, "wait_for_upstreams")

    by_clock, announced = tick_is_due(airflow, UPSTREAM), len(asset_events(airflow, MART))
    with unpaused(airflow, UPSTREAM, BUILD, PUBLISH):
        with no_slots(airflow, "clickhouse"):
            if not by_clock:
                airflow.trigger(UPSTREAM)
            [upstream, *_] = wait_for(lambda: active(airflow, UPSTREAM), f"a run of {UPSTREAM}")
            run_id = airflow.trigger(BUILD, {"select": MART})
            wait_for(lambda: waits(airflow, BUILD, run_id), "the build to wait")
            assert airflow.run(UPSTREAM, upstream["dag_run_id"])["state"] in ("queued", "running")
            assert airflow.tasks(BUILD, run_id)["build"]["state"] is None
            wait_for(lambda: all_marked_as_done(airflow, UPSTREAM), f"runs of {UPSTREAM} to end")
        assert ended(airflow, BUILD, run_id) == "success", logs(airflow, BUILD, run_id)
        published = wait_for(lambda: over(airflow, PUBLISH, "asset_triggered"), "the publish of the mart")
    assert f"{UPSTREAM} has a run under way: this run waits" in airflow.log(BUILD, run_id, "wait_for_upstreams")
    tasks = airflow.tasks(BUILD, run_id)
    assert airflow.run(UPSTREAM, upstream["dag_run_id"])["end_date"] <= tasks["build"]["start_date"]
    assert {name: task["state"] for name, task in tasks.items()} == dict.fromkeys(tasks, "success")
    assert len(asset_events(airflow, MART)) > announced

    assert published["state"] == "success", logs(airflow, PUBLISH, published["dag_run_id"])
    assert asset_events(airflow, "prod.profile_hashtags")
    with connections.postgres(settings, role="reader") as reader:
        rows = reader.execute(f"select count(*) from public.{TABLE}".encode()).fetchone()
    mart = f"select count() from {settings.clickhouse_database}.{MART}"
    assert rows == connections.clickhouse(settings).query(mart).first_row
    assert rows != (0,)


def test_publishing_an_unchanged_mart_succeeds_without_doing_anything(airflow: AirflowApi, settings: Settings) -> None:
    if not generations(settings, TABLE):
        run(airflow, PUBLISH)
    before = generations(settings, TABLE)
    run_id, state = run(airflow, PUBLISH)
    assert state == "success", logs(airflow, PUBLISH, run_id)
    assert {name: task["state"] for name, task in airflow.tasks(PUBLISH, run_id).items()} == {
        "export": "success",
        **dict.fromkeys(("load", "index", "verify", "swap"), "skipped"),
        "tidy": "success",
    }
    assert generations(settings, TABLE) == before != []
    assert "unchanged" in airflow.log(PUBLISH, run_id, "export")


def all_marked_as_done(api: AirflowApi, dag_id: str) -> bool:
    """Say of each task of a DAG's runs that it is done, for what it would do is nothing to the test; whether no run is
    under way or due any more.

    Not of the runs themselves: Airflow would make no run for the next tick before it parses the file again.
    """
    for made in active(api, dag_id):
        for name, task in api.tasks(dag_id, made["dag_run_id"]).items():
            if task["state"] not in ("success", "skipped"):
                path = f"/dags/{dag_id}/dagRuns/{made['dag_run_id']}/taskInstances/{name}"
                try:
                    api.call("PATCH", path, json={"new_state": "success"})
                except StirError as error:  # it has ended between the question and this
                    if "is already in success state" not in error.line:
                        raise
    return not active(api, dag_id) and not tick_is_due(api, dag_id)


def waits(api: AirflowApi, dag_id: str, run_id: str) -> bool:
    """Whether a run looks for the end of others now and then."""
    return bool(api.tasks(dag_id, run_id)["wait_for_upstreams"]["state"] == "up_for_reschedule")


@pytest.mark.long  # the build of the test above waits in the same way, for another cadence
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
            wait_for(lambda: waits(airflow, "dbt_daily", run_id), "the daily build to wait")
            assert airflow.run("dbt_core", upstream)["state"] in ("queued", "running")
            assert airflow.tasks("dbt_daily", run_id)["build"]["state"] is None
        assert ended(airflow, "dbt_daily", run_id) == "success", logs(airflow, "dbt_daily", run_id)
        core = airflow.run("dbt_core", upstream)
        assert core["state"] == "success"
        assert core["end_date"] <= airflow.tasks("dbt_daily", run_id)["build"]["start_date"]
    assert "dbt_core has a run under way: this run waits" in airflow.log("dbt_daily", run_id, "wait_for_upstreams")
