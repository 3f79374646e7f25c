"""The application's PostgreSQL away while Airflow's own is there: what was begun is finished, and nothing is doubled.

Both are databases of one embedded server, so the server itself stays up: it ends every session of the application's
database and lets nobody in, which is all that a client can see of a server that goes away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from stir import connections
from stir.addresses import Endpoint
from stir.database import prepare
from stir.local.airflow.api import AirflowApi
from stir.operations.rules import run_rule
from stir.settings import Settings
from stir.world.campaigns import fill_application

from .airflow_runs import ended, failed_once, logs, past, returned, run, tick_is_due, unpaused, wait_for
from .conftest import Slack
from .test_airflow import generations
from .test_airflow_operations import published, reported

PUBLISH, RULE = "sync_leaderboard_prod", "create_missing_payouts"


@contextmanager
def database_away(settings: Settings) -> Iterator[None]:
    """Nobody is in the application's database, and nobody gets in."""
    name = Endpoint(settings.postgres_dsn()).path
    refuse = sql.SQL("alter database {} with allow_connections {}")
    with psycopg.connect(settings.postgres_dsn("admin"), dbname="postgres", autocommit=True) as admin:
        admin.execute(refuse.format(sql.Identifier(name), sql.Literal(False)))
        try:
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
            yield
        finally:
            admin.execute(refuse.format(sql.Identifier(name), sql.Literal(True)))


def test_without_its_database_nothing_gets_in(settings: Settings) -> None:
    with connections.postgres(settings) as inside, database_away(settings):
        with pytest.raises(psycopg.OperationalError):
            inside.execute("select 1")
        with pytest.raises(psycopg.OperationalError):
            connections.postgres(settings, role="reader")
    connections.postgres(settings).close()


# The test below loses the same database, test_airflow_operations.py has an outage that retries heal, and
# tests/integration/publish/test_faults_engines.py one in a swap.
@pytest.mark.long
def test_an_outage_during_a_publish_ends_in_one_new_generation_without_an_alert(
    airflow: AirflowApi, settings: Settings
) -> None:
    before = published(airflow, settings)
    with unpaused(airflow, PUBLISH):
        reader = connections.postgres(settings, role="reader")
        reader.execute("select count(*) from public.leaderboard")  # holds the swap up
        run_id = airflow.trigger(PUBLISH, {"force": True})
        wait_for(lambda: airflow.tasks(PUBLISH, run_id)["swap"]["state"] == "running", "the swap to begin")
        with database_away(settings):
            wait_for(lambda: failed_once(airflow, PUBLISH, run_id, "swap"), "the swap to fail")
        reader.close()
        assert ended(airflow, PUBLISH, run_id) == "success", logs(airflow, PUBLISH, run_id)
    after = generations(settings, "leaderboard")
    assert (after[:-1], len(after)) == (before, len(before) + 1)
    with connections.postgres(settings, role="reader") as connection:
        rows = connection.execute("select count(*) from public.leaderboard").fetchone()
    mart = f"select count() from {settings.clickhouse_database}.mart_leaderboard"
    assert rows == connections.clickhouse(settings).query(mart).first_row
    assert reported(settings, run_id) == []


def test_a_lost_database_is_reported_once_and_clearing_the_run_pays_everybody_once(
    airflow: AirflowApi, settings: Settings, slack: Slack
) -> None:
    prepare(settings)
    if tick_is_due(airflow, RULE):  # else the clock's run would fail three times before the one that is looked at
        run(airflow, RULE)
    fill_application(settings, replace=True)
    due = len(run_rule(settings, RULE, dry_run=True).keys)
    assert due > 0
    earlier = {made["dag_run_id"] for made in past(airflow, RULE)}
    with unpaused(airflow, RULE):
        with database_away(settings):
            run_id = airflow.trigger(RULE)
            assert ended(airflow, RULE, run_id) == "failed"
            wait_for(lambda: messages(slack, run_id), "the alert")
        clear = {"dry_run": False, "dag_run_id": run_id, "only_failed": True, "reset_dag_runs": True}
        airflow.call("POST", f"/dags/{RULE}/clearTaskInstances", json=clear)
        wait_for(lambda: airflow.run(RULE, run_id)["state"] == "success", "the cleared run to turn green")
    # A run of the clock may have paid them meanwhile.
    later = [made["dag_run_id"] for made in past(airflow, RULE) if made["state"] == "success"]
    assert sum(returned(airflow, RULE, name, "apply")["changed"] for name in set(later) - earlier) == due
    assert run_rule(settings, RULE, dry_run=True).keys == ()
    assert reported(settings, run_id) == ["failed tasks: apply"]
    [(path, text)] = messages(slack, run_id)
    assert path == "/services/T0/B0/planted-secret"
    assert text.startswith(f"[tier 1] {RULE}: failed tasks: apply")


def messages(slack: Slack, run_id: str) -> list[tuple[str, str]]:
    """The messages of Slack about a run, and where."""
    return [each for each in slack.reported if f"/dags/{RULE}/runs/{quote(run_id, safe='')}" in each[1]]
