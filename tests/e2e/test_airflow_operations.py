"""Transform, operations, assets and utility DAGs that need no crawler: each by its schedule, its effect looked at."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest

from stir import connections
from stir.authenticity import job
from stir.database import prepare
from stir.local import ensure_services, stop_services
from stir.local.airflow.api import AirflowApi
from stir.operations.rules import names, run_rule
from stir.settings import Settings
from stir.world.campaigns import fill_application

from .airflow_runs import (
    ended,
    failed_once,
    first_scheduled_runs,
    logs,
    past,
    returned,
    run,
    runs,
    unpaused,
    wait_for,
    whole_run,
)
from .conftest import stir
from .test_airflow import generations, modified, run_results

BUILDS = {
    "dbt_recent_scl": "stg_beat_recent_scrape_request_log",
    "post_ranker": "mart_instagram_account_summary",
    "dbt_collections": "mart_collection_post",
    "dbt_staging_collections": "mart_staging_collection_post",
    "dbt_refresh_account_tracker_stats": "mart_instagram_tracked_profiles",
    "dbt_hourly": "mart_audience_info",
    "dbt_orders": "mart_attributed_order",
    "dbt_weekly": "mart_instagram_hashtags",
}
"""DAG to one of its models. `dbt_core`, `post_ranker_partial` and `dbt_daily` are looked at in test_airflow."""
BUILT = ("dbt_orders", "dbt_weekly")
"""Cadences of every run: one that waits for none and announces nothing, and one that does both. The operator of the
others is the same, and tests/dags looks at what each of them is given."""
BY_HAND = "recommend_campaigns"
RULES = [name for name in names() if name != BY_HAND]
LOOK_AFTER = ["monitor_pipeline_freshness", "maintain_storage_retention"]
LONG = pytest.mark.long
CADENCES = [dag_id if dag_id in BUILT else pytest.param(dag_id, marks=LONG) for dag_id in BUILDS]
ANNOUNCED = {
    "dbt_collections": [
        "mart_collection_post",
        "mart_collection_post_ts",
        "mart_collection",
        "mart_collection_totals_ts",
    ],
    "dbt_staging_collections": ["mart_staging_collection_post", "mart_staging_collection_post_ts"],
    "dbt_weekly": ["mart_instagram_hashtags"],
}


@pytest.fixture(scope="module")
def all_of_them(request: pytest.FixtureRequest) -> bool:
    """Whether every DAG is run, and not one of each kind."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="module")
def before(airflow: AirflowApi, settings: Settings, all_of_them: bool) -> dict[str, Any]:
    """Work for every rule, something old to remove, and when each table was made."""
    prepare(settings)
    fill_application(settings, replace=True)
    with connections.postgres(settings) as connection:
        connection.execute(
            "insert into ops.outbox (event_key, topic, payload, created_at, sent_at) values"
            " ('e2e sent', 'old', '{}', '2025-01-01', '2025-01-01'), ('e2e waits', 'old', '{}', '2025-01-01', null)"
        )
    if all_of_them:
        job.run(settings)  # as `dbt_daily` does, whose run test_airflow looks at
    work = {name: run_rule(settings, name, dry_run=True).keys for name in names()}
    return {"modified": modified(settings), "work": work, "alerts": len(alerts(settings))}


def alerts(settings: Settings) -> list[dict[str, Any]]:
    """Every alert so far, oldest first."""
    path = settings.state_dir / "logs" / "alerts.log"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def reported(settings: Settings, run_id: str) -> list[str]:
    """What the alerts say of a run; a link has the run's id in quoted form."""
    return [alert["what"] for alert in alerts(settings) if alert["link"].endswith(f"/runs/{quote(run_id, safe='')}")]


@pytest.fixture(scope="module")
def ran(airflow: AirflowApi, before: dict[str, Any], all_of_them: bool) -> dict[str, dict[str, Any]]:
    """Every DAG's first run, all at once, as after a night: four at a time, within the pools."""
    return first_scheduled_runs(airflow, [*BUILDS, *RULES, *LOOK_AFTER] if all_of_them else [*BUILT, *LOOK_AFTER])


@pytest.mark.parametrize("dag_id", CADENCES)
def test_a_cadence_builds_its_models_and_its_first_run_repairs(
    airflow: AirflowApi, settings: Settings, ran: dict[str, dict[str, Any]], before: dict[str, Any], dag_id: str
) -> None:
    first = ran[dag_id]
    reported = logs(airflow, dag_id, first["dag_run_id"])
    assert (first["run_type"], first["state"]) == ("scheduled", "success"), reported
    results = run_results(settings, dag_id, first["dag_run_id"])
    assert BUILDS[dag_id] in results
    assert set(results.values()) == {"success"}
    assert modified(settings)[BUILDS[dag_id]] > before["modified"][BUILDS[dag_id]]
    assert "This run repairs: it reads 840 hours back" in reported


# tests/integration/authenticity shows what the scorer writes, publish/test_warehouse.py that readers get the mart.
@LONG
def test_readers_of_postgresql_get_the_share_that_the_scorer_estimated(
    settings: Settings, ran: dict[str, dict[str, Any]]
) -> None:
    published = stir("publish", "creator_audience")
    assert published.returncode == 0, published.stderr
    columns = "fake_share, fake_share_low, fake_share_high"
    sql = f"select platform_id, {columns}, fake_share_sample_size from public.creator_audience"
    with connections.postgres(settings, role="reader") as reader:
        read = sorted(reader.execute(f"{sql} where fake_share is not null").fetchall())
    sql = f"select creator_id, {columns}, sample_size from ds.creator_fake_share final where rules_version > 0"
    estimated = connections.clickhouse(settings).query(f"{sql} and fake_share is not null").result_rows
    assert read == sorted(estimated)
    assert len(read) > 5


@pytest.mark.parametrize(
    "dag_id", [dag_id if dag_id in BUILT else pytest.param(dag_id, marks=LONG) for dag_id in ANNOUNCED]
)
def test_the_marts_of_a_cadence_are_tested_and_announced(
    airflow: AirflowApi, ran: dict[str, dict[str, Any]], dag_id: str
) -> None:
    run_id = ran[dag_id]["dag_run_id"]
    tasks = airflow.tasks(dag_id, run_id)
    assert {f"test_{mart}" for mart in ANNOUNCED[dag_id]} == tasks.keys() - {"build", "wait_for_upstreams"}
    assert {task["state"] for task in tasks.values()} == {"success"}
    events = airflow.call("GET", "/assets/events", params={"source_dag_id": dag_id, "limit": 50})["asset_events"]
    assert {event["name"] for event in events if event["source_run_id"] == run_id} == set(ANNOUNCED[dag_id])


# test_airflow_postgres.py runs one through the scheduler; what each does is in tests/integration/operations.
@LONG
@pytest.mark.parametrize("dag_id", RULES)
def test_a_rule_does_its_work_and_leaves_none(
    airflow: AirflowApi, settings: Settings, ran: dict[str, dict[str, Any]], before: dict[str, Any], dag_id: str
) -> None:
    first = ran[dag_id]
    assert first["state"] == "success", logs(airflow, dag_id, first["dag_run_id"])
    assert before["work"][dag_id]
    report = returned(airflow, dag_id, first["dag_run_id"], "apply")
    # Rules feed one another (an item that one adds is the first final post for the next), so more may have come.
    assert report["kept"] is True
    assert report["changed"] > 0
    if dag_id != "flag_final_post_submitted":
        assert run_rule(settings, dag_id, dry_run=True).keys == ()


@LONG  # tests/dags/test_catalogue.py knows that it has no schedule, and test_airflow_ui.py runs another rule dry
def test_recommendations_are_made_by_hand_only(airflow: AirflowApi, settings: Settings, before: dict[str, Any]) -> None:
    due = len(before["work"][BY_HAND])
    dry, state = run(airflow, BY_HAND, {"dry_run": True})
    assert (state, returned(airflow, BY_HAND, dry, "apply")) == ("success", {"changed": due, "kept": False})
    real, state = run(airflow, BY_HAND)
    assert (state, returned(airflow, BY_HAND, real, "apply")) == ("success", {"changed": due, "kept": True})
    assert {made["run_type"] for made in runs(airflow, BY_HAND)} == {"manual"}


def test_a_broken_promise_is_reported_with_its_tier_and_the_check_succeeds(
    airflow: AirflowApi, settings: Settings, ran: dict[str, dict[str, Any]], before: dict[str, Any]
) -> None:
    first = ran["monitor_pipeline_freshness"]
    assert first["state"] == "success"
    report = returned(airflow, "monitor_pipeline_freshness", first["dag_run_id"], "check")
    new = alerts(settings)[before["alerts"] :]
    reported = [alert for alert in new if alert["subject"] == "queue outbox messages"]
    assert [(alert["tier"], alert["owner"]) for alert in reported] == [(2, "data platform")], "once, to its tier"
    assert "queue outbox messages" in report["broken"]
    assert "promised not older than" in logs(airflow, "monitor_pipeline_freshness", first["dag_run_id"])


def test_retention_says_what_goes_and_removes_it(
    airflow: AirflowApi, settings: Settings, ran: dict[str, dict[str, Any]]
) -> None:
    first = ran["maintain_storage_retention"]
    reported = logs(airflow, "maintain_storage_retention", first["dag_run_id"])
    assert first["state"] == "success", reported
    assert reported.index("Found") < reported.index("Removed")
    with connections.postgres(settings) as connection:
        assert connection.execute("select 1 from ops.outbox where event_key = 'e2e sent'").fetchone() is None


def published(airflow: AirflowApi, settings: Settings) -> list[int]:
    """The leaderboard's generations; the first is made here where these tests run alone."""
    if not generations(settings, "leaderboard"):
        whole_run(airflow, "sync_leaderboard_prod")
    return generations(settings, "leaderboard")


def backfilled(api: AirflowApi, dag_id: str, first: str, last: str, count: int) -> list[dict[str, Any]]:
    """The `count` runs of a backfill between two moments, ended."""
    order = {
        "dag_id": dag_id,
        "from_date": first,
        "to_date": last,
        "max_active_runs": 1,
        "reprocess_behavior": "none",
        "dag_run_conf": {},
    }

    def over() -> list[dict[str, Any]] | None:
        found = runs(api, dag_id, run_type=["backfill"])
        return found if len(found) == count and {run["state"] for run in found} <= {"success", "failed"} else None

    with unpaused(api, dag_id):
        api.call("POST", "/backfills", json=order)
        made: list[dict[str, Any]] = wait_for(over, "the backfill")
    return made


def test_a_publish_dag_that_is_backfilled_for_a_past_day_leaves_readers_the_newest(
    airflow: AirflowApi, settings: Settings
) -> None:
    dag_id = "sync_leaderboard_prod"
    before = published(airflow, settings)
    [old] = backfilled(airflow, dag_id, "2026-06-08T00:00:00Z", "2026-06-08T23:00:00Z", count=1)
    assert old["state"] == "success", logs(airflow, dag_id, old["dag_run_id"])
    states = {name: task["state"] for name, task in airflow.tasks(dag_id, old["dag_run_id"]).items()}
    assert (states.pop("export"), states.pop("tidy"), set(states.values())) == ("success", "success", {"skipped"})
    assert generations(settings, "leaderboard") == before


def test_a_transform_dag_is_backfilled_as_of_its_past_days_and_announces_nothing(
    airflow: AirflowApi, settings: Settings, all_of_them: bool
) -> None:
    days = 2 if all_of_them else 1
    made_up = backfilled(airflow, "dbt_orders", "2026-06-10T00:00:00Z", f"2026-06-{9 + days}T23:00:00Z", count=days)
    assert {made["state"] for made in made_up} == {"success"}
    label = "select any(query) from system.query_log where log_comment like {run:String} and query like '%2026-06-1_ %'"
    client = connections.clickhouse(settings)
    client.command("system flush logs query_log")
    for made in made_up:
        day = made["logical_date"][:10]
        parameters = {"run": f"dbt_orders/{made['dag_run_id']}/build/%"}
        assert f"{day} 00:30:00" in client.query(label, parameters=parameters).first_row[0]


def test_a_run_succeeds_if_clickhouse_returns_during_its_retries(
    airflow: AirflowApi, settings: Settings, ran: dict[str, dict[str, Any]]
) -> None:
    with unpaused(airflow, "dbt_orders"):
        stop_services(settings, ["clickhouse"])
        try:
            run_id = airflow.trigger("dbt_orders")
            wait_for(lambda: failed_once(airflow, "dbt_orders", run_id, "build"), "the first failure")
        finally:
            ensure_services(settings)
        assert ended(airflow, "dbt_orders", run_id) == "success", logs(airflow, "dbt_orders", run_id)
    assert airflow.tasks("dbt_orders", run_id)["build"]["try_number"] > 1
    assert reported(settings, run_id) == [], "a failure that a retry heals wakes nobody"


# tests/dags/test_promises.py: one active run; tests/integration/operations/test_campaign_rules.py: each paid once.
@LONG
def test_two_forced_runs_run_one_after_the_other_and_pay_each_creator_once(
    airflow: AirflowApi, settings: Settings, ran: dict[str, dict[str, Any]]
) -> None:
    fill_application(settings, replace=True)
    due = len(run_rule(settings, "create_missing_payouts", dry_run=True).keys)
    dag_id = "create_missing_payouts"
    earlier = {made["dag_run_id"] for made in past(airflow, dag_id)}
    with unpaused(airflow, dag_id):
        forced = [airflow.trigger(dag_id) for _ in range(2)]
        assert [ended(airflow, dag_id, run_id) for run_id in forced] == ["success", "success"]
    # A run of the clock may have come first.
    made = [made for made in past(airflow, dag_id) if made["dag_run_id"] not in earlier]
    paid = [returned(airflow, dag_id, run["dag_run_id"], "apply")["changed"] for run in made]
    assert sorted(paid) == [*[0] * (len(made) - 1), due]
    times = sorted((run["start_date"], run["end_date"]) for run in made)
    assert all(one[1] <= next_one[0] for one, next_one in pairwise(times)), "one active run at a time"
