"""Runs by hand: what a DAG does not know is refused by every way in, and a trial leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from stir import connections
from stir.database import prepare
from stir.errors import StirError
from stir.local.airflow.api import AirflowApi
from stir.local.airflow.config import airflow_environment
from stir.scrape_queue.queue import prepare as prepare_queue
from stir.settings import PROJECT_DIR, Settings

from .airflow_runs import whole_run

PATHS = sorted((PROJECT_DIR / "dags").rglob("*.py"))
NAMES = [path.stem for path in PATHS]
ONE_OF_EACH = sorted({path.parent.name: path.stem for path in PATHS}.values())


def command(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`airflow ...` as a user runs it after `eval "$(./stir env)"`."""
    environment = {**os.environ, **airflow_environment(settings), "PYTHONPATH": str(PROJECT_DIR / "plugins")}
    program = [sys.executable, "-m", "airflow", *arguments]
    return subprocess.run(program, env=environment, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)


def by_hand(api: AirflowApi) -> int:
    """How many runs somebody has asked for."""
    return int(api.call("GET", "/dags/~/dagRuns", params={"run_type": ["manual"]})["total_entries"])


def test_every_dag_refuses_a_key_that_it_does_not_know(airflow: AirflowApi, request: pytest.FixtureRequest) -> None:
    """One of each folder in every run; tests/dags/test_parsing.py shows what the params of every DAG refuse."""
    before = by_hand(airflow)
    for dag_id in NAMES if request.config.getoption("--long") else ONE_OF_EACH:
        with pytest.raises(StirError, match=r"answered 400.*unknown key in the run's conf: 'as_of'"):
            airflow.trigger(dag_id, {"as_of": "2026-01-01"})
    assert by_hand(airflow) == before


@pytest.mark.parametrize(
    "conf",
    [
        {"dry_run": True},
        {"target": "staging"},
        {"Force": True},
        {"force": True, "alow": []},
        {"force": "yes"},
        {"force": None},
        {"allow": "contract"},
        {"allow": ["everything"]},
    ],
)
def test_a_publish_refuses_what_is_misspelt_or_of_another_kind(airflow: AirflowApi, conf: dict[str, Any]) -> None:
    before = by_hand(airflow)
    with pytest.raises(StirError, match="answered 400"):
        airflow.trigger("sync_leaderboard_prod", conf)
    assert by_hand(airflow) == before


def test_a_backfill_refuses_what_its_dag_does_not_know(airflow: AirflowApi) -> None:
    days = {"from_date": "2026-01-01T00:00:00Z", "to_date": "2026-01-02T00:00:00Z"}
    with pytest.raises(StirError, match="unknown key in the run's conf: 'dryrun'"):
        airflow.call("POST", "/backfills", json={"dag_id": "dbt_daily", **days, "dag_run_conf": {"dryrun": True}})
    assert airflow.call("GET", "/backfills", params={"dag_id": "dbt_daily"})["total_entries"] == 0


# tests/dags/test_parsing.py shows that the command says such a mistake in one line.
@pytest.mark.long
def test_the_command_refuses_it_too(airflow: AirflowApi, settings: Settings) -> None:
    before = by_hand(airflow)
    refused = command(settings, "dags", "trigger", "sync_leaderboard_prod", "--conf", '{"dry_run": true}')
    assert refused.returncode != 0
    assert "unknown key in the run's conf: 'dry_run'; this DAG takes allow, force" in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    assert by_hand(airflow) == before


def state(settings: Settings) -> dict[str, Any]:
    """Everything that a trial could leave behind."""
    with connections.postgres(settings) as application, connections.beat(settings) as beat:
        known = connections.table_exists(beat, "scrape_request_log")
        asked = beat.execute("select count(*) from scrape_request_log").fetchone() if known else (0,)
        published = connections.table_exists(application, "stir.run")
        tables = application.execute(
            "select relname from pg_class where relnamespace = to_regnamespace('stir') and relkind = 'r' order by 1"
        ).fetchall()
        counts = [
            application.execute(f"select count(*) from {name}").fetchone()
            for name in ("stir.generation", "stir.lease", "campaign.payout")
            if published
        ]
        open_runs = (
            application.execute("select run_id from stir.run where ended_at is null").fetchall() if published else []
        )
    client, store = connections.clickhouse(settings), connections.s3(settings)
    warehouse = client.query(
        "select database, name, uuid from system.tables where database not in ('system') order by 1, 2"
    )
    objects = store.list_objects_v2(Bucket=settings.s3.path).get("Contents", [])
    return {
        "asked": asked,
        "tables": tables,
        "counts": counts,
        "open": open_runs,
        "warehouse": warehouse.result_rows,
        "objects": sorted(item["Key"] for item in objects),
    }


@pytest.fixture(scope="module")
def books(airflow: AirflowApi, settings: Settings) -> None:
    """The tables that first runs create. No rule is unpaused here: it would do its work at once."""
    prepare(settings)
    with connections.beat(settings) as beat:
        prepare_queue(beat)
    assert whole_run(airflow, "sync_leaderboard_prod")


def running(api: AirflowApi) -> list[str]:
    """Runs that are not over."""
    active = api.call("GET", "/dags/~/dagRuns", params={"state": ["queued", "running"]})
    return [run["dag_run_id"] for run in active["dag_runs"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("dags", "test", "sync_leaderboard_prod", "--conf", '{"force": true}'), "is not swapped in"),
        # tests/dags/test_trials.py asks the operator of each of these; the one above writes into all three engines.
        *(
            pytest.param(arguments, said, marks=pytest.mark.long)
            for arguments, said in (
                (("tasks", "test", "sync_leaderboard_prod", "export"), "leaderboard to prod"),
                (("tasks", "test", "sync_leaderboard_prod", "swap"), "needs the steps before it"),
                (("dags", "test", "dbt_orders"), "Dry run: nothing is built"),
                (("dags", "test", "track_hashtags"), "would be enqueued"),
                (("dags", "test", "create_missing_payouts"), "would change (dry run)"),
                (("dags", "test", "monitor_pipeline_freshness"), "Promises"),
                (("dags", "test", "maintain_storage_retention"), "Found"),
            )
        ),
    ],
)
def test_a_trial_leaves_nothing_behind(
    airflow: AirflowApi, settings: Settings, books: None, arguments: tuple[str, ...], said: str
) -> None:
    before = state(settings)
    tried = command(settings, *arguments)
    assert tried.returncode == 0, tried.stderr[-3000:]
    assert said in tried.stdout + tried.stderr
    assert state(settings) == before
    assert running(airflow) == []


@pytest.mark.long  # tests/dags/test_trials.py: a trial with a wrong conf ends with one line
def test_a_trial_that_fails_says_so_and_leaves_nothing_behind(airflow: AirflowApi, settings: Settings) -> None:
    refused = command(settings, "dags", "test", "sync_leaderboard_prod", "--conf", '{"dry_run": true}')
    assert refused.returncode != 0
    assert "sync_leaderboard_prod: unknown key in the run's conf: 'dry_run'" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert running(airflow) == []
