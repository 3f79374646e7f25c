"""Trigger DAGs through the real scheduler, all in one group, with what each left in the queue.

One of each operator in every run, all of them with --long; tests/integration/triggers runs the spec of each of them.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from stir import connections
from stir.errors import StirError
from stir.local.airflow.api import AirflowApi
from stir.scrape_queue import queue
from stir.settings import PROJECT_DIR, Settings

from .airflow_runs import first_scheduled_runs, logs, past, returned, run

DAGS = sorted(
    path.stem for path in (PROJECT_DIR / "dags").rglob("*.py") if "from stir.dags.trigger import" in path.read_text()
)


BY_HANDLE = "sync_instagram_profiles_by_handle"
ONE_OF_EACH = sorted([BY_HANDLE, "retry_youtube_scrape_requests", "sync_youtube_channel_registry"])


@pytest.fixture(scope="module")
def chosen(request: pytest.FixtureRequest) -> list[str]:
    """The DAGs that are run."""
    return DAGS if request.config.getoption("--long") else ONE_OF_EACH


@pytest.fixture(scope="module")
def empty_queue(settings: Settings) -> Iterator[None]:
    with connections.beat(settings, autocommit=True) as connection:
        queue.prepare(connection)
        connection.execute("truncate scrape_request_log")
        yield
        connection.execute("truncate scrape_request_log")
    with connections.postgres(settings) as connection:
        connection.execute("delete from ops.tracked_entity where kind = 'registry_channel'")


@pytest.fixture(scope="module")
def earlier(airflow: AirflowApi, empty_queue: None, chosen: list[str]) -> set[tuple[str, str]]:
    """DAG and id of the runs that other tests made; what they asked for is not in the queue any more."""
    return {(dag_id, made["dag_run_id"]) for dag_id in chosen for made in past(airflow, dag_id)}


@pytest.fixture(scope="module")
def ended(
    airflow: AirflowApi, settings: Settings, warehouse: Any, chosen: list[str], earlier: set[tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """DAG id to its first run since the queue was emptied.

    An unpaused DAG runs its latest tick at once. One that another test has let run has no tick for a while, and is
    asked by hand.
    """
    ran = {dag_id for dag_id, _ in earlier if past(airflow, dag_id, run_type=["scheduled"])}
    found = {dag_id: airflow.run(dag_id, run(airflow, dag_id)[0]) for dag_id in sorted(ran)}
    return found | first_scheduled_runs(airflow, sorted(set(chosen) - ran))


def rows(settings: Settings) -> Counter[str]:
    with connections.beat(settings) as connection:
        counted = connection.execute("select flow, count(*) from scrape_request_log group by flow").fetchall()
    return Counter(dict(counted))


def test_all_runs_succeed(airflow: AirflowApi, chosen: list[str], ended: dict[str, dict[str, Any]]) -> None:
    assert len(DAGS) == 36
    assert sorted(ended) == chosen
    failed = [dag_id for dag_id, run in ended.items() if run["state"] != "success"]
    assert failed == [], "\n".join(logs(airflow, dag_id, ended[dag_id]["dag_run_id"]) for dag_id in failed)


def test_the_reported_counts_equal_the_queues(
    airflow: AirflowApi,
    settings: Settings,
    chosen: list[str],
    ended: dict[str, dict[str, Any]],
    earlier: set[tuple[str, str]],
) -> None:
    held = rows(settings)
    said: Counter[str] = Counter()
    every = {(dag_id, made["dag_run_id"]) for dag_id in ended for made in past(airflow, dag_id)}
    for dag_id, run_id in sorted(every - earlier):
        for task in airflow.tasks(dag_id, run_id):
            value = returned(airflow, dag_id, run_id, task)
            if "flow" in value:
                said[value["flow"]] += value["enqueued"]
                assert value["candidates"] >= value["quarantined"] + value["asked"]
    assert +said == +held
    if chosen == DAGS:
        assert len(+held) >= 15
        assert sum(held.values()) > 500
    assert held["refresh_profile_by_handle"] > 0


def test_the_registry_was_filled(settings: Settings, ended: dict[str, dict[str, Any]]) -> None:
    with connections.postgres(settings) as connection:
        known = connection.execute("select count(*) from ops.tracked_entity where kind = 'registry_channel'").fetchone()
    assert known is not None
    assert known[0] > 50


def test_the_log_reports_what_was_done(airflow: AirflowApi, ended: dict[str, dict[str, Any]]) -> None:
    text = logs(airflow, BY_HANDLE, ended[BY_HANDLE]["dag_run_id"])
    expected = ("refresh_profile_by_handle", "candidates", "in quarantine", "asked for already", "enqueued")
    for line in (*expected, "dbt_core, which builds stg_beat_scrape_request_log, is paused"):
        assert line in text


@pytest.fixture
def new_hashtag(settings: Settings) -> Iterator[None]:
    """A tracked hashtag that nobody has asked for, whatever other tests and earlier runs have asked for or removed."""
    value = f"new{secrets.token_hex(4)}"
    with connections.postgres(settings, autocommit=True) as connection:
        connection.execute("insert into ops.tracked_entity (kind, value) values ('hashtag', %s)", [value])
        yield
        connection.execute("delete from ops.tracked_entity where kind = 'hashtag' and value = %s", [value])


# test_airflow_ui.py runs a rule dry by hand, and tests/integration/triggers every trigger.
@pytest.mark.long
def test_a_dry_run_by_hand_writes_nothing_and_a_wrong_one_is_refused(
    airflow: AirflowApi, settings: Settings, ended: dict[str, dict[str, Any]], new_hashtag: None
) -> None:
    with connections.beat(settings, autocommit=True) as connection:
        connection.execute("delete from scrape_request_log where flow = 'fetch_hashtag_posts'")
    with pytest.raises(StirError, match="400"):
        airflow.trigger("track_hashtags", {"dry_run": "perhaps"})
    earlier = {made["dag_run_id"] for made in past(airflow, "track_hashtags")}
    run_id, state = run(airflow, "track_hashtags", {"dry_run": True})
    assert state == "success"
    said = returned(airflow, "track_hashtags", run_id, "enqueue")
    assert said["dry_run"]
    by_clock = {made["dag_run_id"] for made in past(airflow, "track_hashtags")} - earlier - {run_id}
    asked = sum(returned(airflow, "track_hashtags", name, "enqueue")["enqueued"] for name in by_clock)
    # A run of the clock that came first has asked for what the dry run would have.
    assert said["enqueued"] + asked > 0
    assert rows(settings)["fetch_hashtag_posts"] == asked
