"""Airflow for real: each DAG through the scheduler with its effect looked at, its failures, and its processes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psutil
import pytest

from stir import connections
from stir.authenticity import job
from stir.local.airflow import processes as processes
from stir.local.airflow.api import AirflowApi
from stir.local.airflow.config import base_url, identity, passwords_file, port
from stir.local.machine.sessions import members
from stir.settings import Settings

from .airflow_runs import PATIENCE, active, first_scheduled_runs, logs, past, returned, run, unpaused, wait_for
from .conftest import Slack, stir

READ_BY_RANKER = "stg_beat_instagram_post"


def run_results(settings: Settings, dag_id: str, run_id: str, attempt: int = 1) -> dict[str, str]:
    """Model to status, from the artifact that the build task kept in S3."""
    key = f"artifacts/{dag_id}/{run_id}/build/{attempt}/run_results.json"
    body = connections.s3(settings).get_object(Bucket=settings.s3.path, Key=key)["Body"].read()
    return {result["unique_id"].rsplit(".", 1)[-1]: result["status"] for result in json.loads(body)["results"]}


def modified(settings: Settings) -> dict[str, Any]:
    """When each table of the warehouse was made."""
    query = "select name, metadata_modification_time from system.tables where database = {database:String}"
    answer = connections.clickhouse(settings).query(query, parameters={"database": settings.clickhouse_database})
    return dict(answer.result_rows)


def asset_events(api: AirflowApi, name: str) -> list[dict[str, Any]]:
    events = api.call("GET", "/assets/events", params={"limit": 100, "order_by": "-timestamp"})["asset_events"]
    return [event for event in events if event["name"] == name]


def generations(settings: Settings, table: str) -> list[int]:
    with connections.postgres(settings) as connection:
        if not connections.table_exists(connection, "stir.generation"):
            return []
        rows = connection.execute(
            "select generation from stir.generation where table_name = %s order by generation", [table]
        ).fetchall()
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("dag_id", "mart"),
    [
        ("post_ranker_partial", "mart_instagram_post_ranks_partial"),
        # Another cadence that is built by the same operator.
        pytest.param("dbt_core", "mart_instagram_account", marks=pytest.mark.long),
    ],
)
def test_a_transform_builds_its_models_keeps_its_artifacts_and_links_to_what_it_built(
    airflow: AirflowApi, settings: Settings, dag_id: str, mart: str
) -> None:
    before = modified(settings)
    run_id, state = run(airflow, dag_id)
    assert state == "success", logs(airflow, dag_id, run_id)
    results = run_results(settings, dag_id, run_id)
    assert mart in results
    assert set(results.values()) == {"success"}
    assert modified(settings)[mart] > before[mart]
    summary = logs(airflow, dag_id, run_id)
    assert f"{len(results)} succeeded, 0 failed, 0 skipped" in summary
    links = airflow.call("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/build/links")["extra_links"]
    page = f"{base_url(settings)}/stir/runs/{dag_id}/{quote(run_id, safe='')}"
    assert links == {"Models of this run": page, "dbt docs": page}


# test_airflow_waits.py takes the weekly build through its announcement to the published table; that the scores come
# before the daily build stands in tests/dags/test_cadences.py, and what they are in tests/integration/authenticity.
@pytest.mark.long
def test_the_daily_build_announces_its_marts_and_the_leaderboard_is_published(
    airflow: AirflowApi, settings: Settings
) -> None:
    with unpaused(airflow, "sync_leaderboard_prod"):
        first = wait_for(lambda: over(airflow, "sync_leaderboard_prod", "scheduled"), "the clock's run")
        announced = len(asset_events(airflow, "mart_leaderboard"))
        run_id, state = run(airflow, "dbt_daily")
        assert state == "success", logs(airflow, "dbt_daily", run_id)
        tasks = airflow.tasks("dbt_daily", run_id)
        assert {name: task["state"] for name, task in tasks.items()} == dict.fromkeys(tasks, "success")
        assert_followers_are_scored_and_shown(settings, returned(airflow, "dbt_daily", run_id, "score_followers"))
        assert len(asset_events(airflow, "mart_leaderboard")) > announced
        assert asset_events(airflow, "mart_time_series")
        second = wait_for(lambda: over(airflow, "sync_leaderboard_prod", "asset_triggered"), "the asset's run")
    assert (first["state"], second["state"]) == ("success", "success")
    assert generations(settings, "leaderboard")
    with connections.postgres(settings, role="reader") as reader:
        published = reader.execute("select count(*) from public.leaderboard").fetchone()
    mart = connections.clickhouse(settings).query(
        f"select count() from {settings.clickhouse_database}.mart_leaderboard"
    )
    assert published == mart.first_row
    assert published[0] > 0
    assert asset_events(airflow, "prod.leaderboard")


def assert_followers_are_scored_and_shown(settings: Settings, figures: dict[str, Any]) -> None:
    """The daily run's scorer left no follower out, and the mart built after it shows the rows that it wrote."""
    assert figures["scored"] == figures["planned"]
    assert job.plan(settings).edges == 0
    client = connections.clickhouse(settings)
    written = "select uniqExact(creator_id), count() from ds.creator_followers_fake_analysis final"
    [(creators, followers)] = client.query(f"{written} where rules_version > 0").result_rows
    mart = f"{settings.clickhouse_database}.mart_instagram_creators_followers_fake_analysis"
    [(shown, judged)] = client.query(
        f"select countIf(rules_version > 0), sum(scored_followers) from {mart}"
    ).result_rows
    assert creators == shown > 0
    assert followers >= judged > 0


def over(api: AirflowApi, dag_id: str, run_type: str) -> dict[str, Any] | None:
    """The first run of a type, once it has ended."""
    return next(iter(past(api, dag_id, run_type=[run_type])), None)


# test_airflow_waits.py runs one of them; what each publishes is in tests/integration/publish/test_warehouse.py.
@pytest.mark.long
def test_every_publish_dag_publishes_its_table_all_at_once(airflow: AirflowApi, settings: Settings) -> None:
    dags = {dag["dag_id"]: dag for dag in airflow.call("GET", "/dags", params={"limit": 100})["dags"]}
    chosen = sorted(name for name, dag in dags.items() if "export" in {tag["name"] for tag in dag["tags"]})
    assert len(chosen) >= 12
    for dag_id, first in first_scheduled_runs(airflow, chosen).items():
        assert first["state"] == "success", logs(airflow, dag_id, first["dag_run_id"])
    for target, reader in (("prod", "reader"), ("staging", "writer")):
        wanted = {name for name in chosen if name.endswith(f"_{target}")}
        with connections.postgres(settings, role=reader, target=target) as connection:  # type: ignore[arg-type]
            live: dict[str, int] = dict(
                connection.execute(
                    "select distinct on (table_name) table_name, rows from stir.generation order by 1, generation desc"
                ).fetchall()
            )
            assert len(live) >= len(wanted)
            for table, rows in live.items():
                found = connection.execute(f"select count(*) from public.{table}".encode()).fetchone()
                assert found == (rows,), (target, table)


@contextmanager
def table_hidden(settings: Settings, table: str) -> Iterator[str]:
    """A model's source is gone for a while; yields the name it has meanwhile."""
    client, database = connections.clickhouse(settings), settings.clickhouse_database
    client.command(f"rename table {database}.{table} to {database}.hidden")
    try:
        yield f"{database}.hidden"
    finally:
        client.command(f"drop view if exists {database}.{table} sync")
        client.command(f"rename table {database}.hidden to {database}.{table}")


# test_a_lost_database_is_reported_once_... fails three times, is reported and cleared; a build that goes on with the
# models that are missing is test_a_run_succeeds_if_clickhouse_returns_during_its_retries.
@pytest.mark.long
def test_a_failing_model_is_reported_once_and_clearing_it_builds_the_missing_models(
    airflow: AirflowApi, settings: Settings, slack: Slack
) -> None:
    with table_hidden(settings, READ_BY_RANKER) as hidden:
        # A table that is gone would be built first; one without the columns that are read is not.
        name = f"{settings.clickhouse_database}.{READ_BY_RANKER}"
        connections.clickhouse(settings).command(f"create view {name} as select 1 as other from {hidden}")
        run_id, state = run(airflow, "post_ranker_partial")
        assert state == "failed"
        assert airflow.tasks("post_ranker_partial", run_id)["build"]["try_number"] == 3
    link = f"{base_url(settings)}/dags/post_ranker_partial/runs/{run_id.replace(':', '%3A').replace('+', '%2B')}"
    wait_for(lambda: [text for _, text in slack.reported if link in text], "the alert")
    time.sleep(2)
    reported = [(path, text) for path, text in slack.reported if link in text]
    assert len(reported) == 1, "one alert per failed run, whatever the number of tries"
    assert reported[0][0] == "/services/T0/B0/planted-secret"
    assert reported[0][1].startswith("[tier 2] post_ranker_partial: failed tasks: build")
    assert link in (settings.state_dir / "logs" / "alerts.log").read_text()

    clear = {"dry_run": False, "dag_run_id": run_id, "task_ids": ["build"], "only_failed": True, "reset_dag_runs": True}
    with unpaused(airflow, "post_ranker_partial"):
        airflow.call("POST", "/dags/post_ranker_partial/clearTaskInstances", json=clear)
        wait_for(lambda: airflow.run("post_ranker_partial", run_id)["state"] == "success", "the cleared run's success")


def test_a_run_that_is_stopped_ends_its_queries_in_clickhouse(airflow: AirflowApi, settings: Settings) -> None:
    client, dag_id = connections.clickhouse(settings), "post_ranker_partial"
    label = "Settings['log_comment']"
    reading = (
        f"select {label} from system.processes"
        f" where startsWith({label}, {{dag:String}}) and position(query, '{READ_BY_RANKER}') > 0"
    )

    def running() -> str | None:
        """The run that reads the slow table: the one asked for, or one of the clock's."""
        found = client.query(reading, parameters={"dag": f"{dag_id}/"}).result_rows
        return str(found[0][0]).split("/")[1] if found else None

    with table_hidden(settings, READ_BY_RANKER) as hidden, unpaused(airflow, dag_id):
        # A second for each of thousands of rows: left alone, it would not end while the test waits.
        slow = "sleepEachRow(1) = 0 settings function_sleep_max_microseconds_per_block = 0, max_block_size = 1"
        name = f"{settings.clickhouse_database}.{READ_BY_RANKER}"
        client.command(f"create view {name} as select * from {hidden} where {slow}")
        assert client.query(f"select count() from {hidden}").first_row[0] > 2 * PATIENCE
        airflow.trigger(dag_id)
        run_id = wait_for(running, "the slow model to run")
        stop(airflow, dag_id, run_id)
        wait_for(lambda: running() != run_id, "its query to end")
        for other in active(airflow, dag_id):
            stop(airflow, dag_id, other["dag_run_id"])


def stop(api: AirflowApi, dag_id: str, run_id: str) -> None:
    """As the button "mark as failed" does."""
    api.call("PATCH", f"/dags/{dag_id}/dagRuns/{run_id}", json={"state": "failed"})


def test_nothing_listens_beyond_the_loopback_and_secrets_are_the_owners(
    airflow: AirflowApi, settings: Settings, slack: Slack
) -> None:
    leaders = processes.leaders(settings)
    assert set(leaders) == set(processes.COMMANDS)
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for leader in leaders.values()
        for member in members([leader])
        for connection in member.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", port(settings))}
    for path in (passwords_file(settings), settings.state_dir / "airflow" / "identity.json"):
        assert path.stat().st_mode & 0o077 == 0
    secrets = {identity(settings).jwt_secret, settings.s3.password, settings.clickhouse.password, "planted-secret"}
    for log in [*settings.state_dir.glob("logs/airflow-*.log"), *settings.state_dir.glob("airflow/logs/**/*.log")]:
        text = log.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], log


def test_starting_again_changes_nothing_and_says_so(airflow: AirflowApi, settings: Settings) -> None:
    before = processes.leaders(settings)
    again = stir("airflow", "--detach")
    assert again.returncode == 0
    assert "runs already" in again.stderr
    assert identity(settings).password in again.stdout
    assert processes.leaders(settings) == before
