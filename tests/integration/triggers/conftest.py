"""A scrape queue of the test's own, the specs of the DAG files, and small warehouses made by hand."""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stir import connections
from stir.scrape_queue import queue
from stir.settings import PROJECT_DIR, Settings
from stir.triggers.run import TriggerSummary, run_trigger
from stir.triggers.spec import TriggerSpec
from stir.world.campaigns import fill_application

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
SCHEMA = "queue_under_test"

Connect = Callable[[], psycopg.Connection]


@pytest.fixture
def connect(settings: Settings) -> Iterator[Connect]:
    """Opens sessions that see an empty queue and nothing else."""
    opened: list[psycopg.Connection] = []

    def open_session() -> psycopg.Connection:
        opened.append(connections.beat(settings, autocommit=True, options=f"-c search_path={SCHEMA}"))
        return opened[-1]

    with connections.beat(settings, autocommit=True) as owner:
        owner.execute(f"drop schema if exists {SCHEMA} cascade")
        owner.execute(f"create schema {SCHEMA}")
        queue.prepare(open_session())
        yield open_session
        for session in opened:
            session.close()
        owner.execute(f"drop schema {SCHEMA} cascade")


def request(key: str, *, priority: int = 5, flow: str = "refresh_profile_by_handle", **fields: Any) -> queue.Request:
    """A request that says nothing special."""
    values: dict[str, Any] = {
        "platform": "INSTAGRAM",
        "params": {"handle": key},
        "expires_at": NOON + timedelta(hours=6),
        **fields,
    }
    return queue.Request(key=key, priority=priority, flow=flow, **values)


@pytest.fixture(scope="session")
def specs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TriggerSpec]:
    """DAG id to the spec in its file."""
    home = os.environ.get("AIRFLOW_HOME")
    os.environ["AIRFLOW_HOME"] = str(tmp_path_factory.mktemp("airflow"))
    try:
        files = [path for path in (PROJECT_DIR / "dags").rglob("*.py") if "spec=TriggerSpec" in path.read_text()]
        return {path.stem: _spec(path) for path in files}
    finally:
        if home is None:
            del os.environ["AIRFLOW_HOME"]
        else:
            os.environ["AIRFLOW_HOME"] = home


def _spec(path: Path) -> TriggerSpec:
    (task,) = runpy.run_path(str(path))["dag"].tasks
    spec = task.spec
    assert isinstance(spec, TriggerSpec)
    return spec


class Trigger:
    """Runs triggers against one warehouse and a queue of its own."""

    def __init__(self, settings: Settings, specs: dict[str, TriggerSpec]) -> None:
        self.settings, self.specs = settings, specs

    def run(self, name: str, moment: datetime, **options: Any) -> TriggerSummary:
        """One run of the DAG's trigger."""
        return run_trigger(self.settings, self.specs[name], moment=moment, **options)

    def rows(self, columns: str = "idempotency_key, priority, params") -> list[Any]:
        """The queue in the order in which it was asked."""
        with connections.beat(self.settings) as connection:
            return connection.execute(f"select {columns} from scrape_request_log order by id").fetchall()

    def entities(self, name: str) -> list[Any]:
        """The values of one parameter, in the order of the queue."""
        return [params[name] for _, _, params in self.rows()]

    def execute(self, statement: str, *values: Any) -> None:
        with connections.beat(self.settings, autocommit=True) as connection:
            connection.execute(statement, values or None)


@contextmanager
def own_queue(settings: Settings) -> Iterator[None]:
    """An empty queue in the place where triggers look for it."""
    with connections.beat(settings, autocommit=True) as connection:
        queue.prepare(connection)
        connection.execute("truncate scrape_request_log")
        yield
        connection.execute("truncate scrape_request_log")


class Planted:
    """A warehouse made by hand: tables like the models', with only the rows that a test puts in."""

    NAME = "planted_for_triggers"

    def __init__(self, settings: Settings) -> None:
        self.client = connections.clickhouse(settings)
        self.models = settings.clickhouse_database
        self.client.command(f"drop database if exists {self.NAME} sync")
        self.client.command(f"create database {self.NAME}")
        # What every trigger reads.
        self.put("stg_beat_scrape_request_log", [])

    def put(self, model: str, rows: list[dict[str, Any]]) -> None:
        """Rows of a model; columns that are not given are empty."""
        # The quarantine reads the log with FINAL, as the marts do.
        engine = "ReplacingMergeTree order by id" if model == "stg_beat_scrape_request_log" else "MergeTree order by ()"
        self.client.command(
            f"create table if not exists {self.NAME}.{model} engine = {engine} as"
            f" select * from {self.models}.{model} limit 0"
        )
        for row in rows:
            names = list(row)
            self.client.insert(f"{self.NAME}.{model}", [list(row.values())], column_names=names)


@pytest.fixture(scope="session")
def lists(settings: Settings, world: Any) -> None:
    """The lists that people keep, as the world has them."""
    fill_application(settings)


@pytest.fixture
def trigger(settings: Settings, warehouse: Any, lists: None, specs: dict[str, TriggerSpec]) -> Iterator[Trigger]:
    """Triggers on the tests' warehouse."""
    with own_queue(settings):
        yield Trigger(settings, specs)


@pytest.fixture
def planted(settings: Settings, warehouse: Any) -> Iterator[Planted]:
    """A warehouse without rows."""
    made = Planted(settings)
    yield made
    made.client.command(f"drop database {Planted.NAME} sync")


@pytest.fixture
def planted_trigger(settings: Settings, planted: Planted, specs: dict[str, TriggerSpec]) -> Iterator[Trigger]:
    """Triggers on the warehouse made by hand."""
    with own_queue(settings):
        yield Trigger(settings.model_copy(update={"clickhouse_database": Planted.NAME}), specs)
