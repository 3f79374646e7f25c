"""A small project of every kind of model that a backfill meets, over a feed of a test's own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client
from tests.dbt_forks import Forks

from stir import connections
from stir.settings import Settings

from .planted import plant, planted_environment, run_planted

AS_OF = "2026-06-15T00:00:00Z"
NEXT = "2026-06-15T01:00:00Z"
PUBLISHED = ("log", "series", "board", "days", "names")
"""The stored models, in the order of building."""
HISTORY = ("log", "series", "board", "days")
"""Those of which days can be built again."""

MODELS = {
    "log": """{{ config(materialized='incremental', engine='ReplacingMergeTree(_version)', tags=['history'],
        order_by=['account', 'at', 'id'], partition_by='toYYYYMM(at)') }}
        select id, account, value, at, came as ingested_at, toUInt64(toUnixTimestamp(came)) as _version
        from {{ source('feed', 'events') }}
        where value >= 0 and {{ ingested_since('came', 'ingested_at') }}""",
    "series": """{{ config(materialized='incremental', engine='ReplacingMergeTree(_version)', tags=['history'],
        order_by=['account', 'date'], partition_by='toYear(date)') }}
        select account, toInt64(sum(value)) as total, toDate(at) as date, max(log.ingested_at) as ingested_at,
            max(log._version) as _version
        from {{ ref_latest('log') }}
        where {{ ingested_until('log.ingested_at') }}
        {% if is_incremental() %}
            and (account, toDate(at)) in (
                select account, toDate(at) from {{ ref('log') }} where {{ ingested_since('ingested_at') }}
            )
        {% endif %}
        group by account, date""",
    "steps": """{{ config(materialized='view', tags=['history']) }}
        select account, total, date from {{ ref_latest('series') }}""",
    "board": """{{ config(materialized='incremental', incremental_strategy='insert_overwrite', tags=['history'],
        order_by=['month', 'account'], partition_by='toYYYYMM(month)') }}
        select account, toInt64(sum(total)) as total, toStartOfMonth(date) as month,
            {{ month_state('month') }} as month_state
        from {{ ref('steps') }}
        where {{ is_month_to_build('toStartOfMonth(date)') }}
        group by account, month""",
    "days": """{{ config(order_by='date', tags=['history']) }}
        select toInt64(sum(total)) as total, date from {{ ref_latest('series') }} group by date""",
    "names": """{{ config(order_by='account', tags=['history']) }}
        select account, toInt64(sum(total)) as total from {{ ref('steps') }} group by account""",
}
_COLUMNS = {
    "log": "id String, account String, value Int64, at DateTime('UTC'), ingested_at DateTime('UTC'), _version UInt64",
    "series": "account String, total Int64, date Date, ingested_at DateTime('UTC'), _version UInt64",
    "steps": "account String, total Int64, date Date",
    "board": "account String, total Int64, month Date, month_state String",
    "days": "total Int64, date Date",
    "names": "account String, total Int64",
}
_KEYS = {"log": ["id"], "series": ["account", "date"], "steps": ["account", "date"], "board": ["month", "account"],
         "days": ["date"], "names": ["account"]}  # fmt: skip


def _properties(feed: str) -> str:
    """What dbt reads as YAML; JSON is a part of it."""
    models = []
    for name, columns in _COLUMNS.items():
        typed = (column.partition(" ") for column in columns.split(", "))
        fields: list[dict[str, Any]] = [{"name": column, "data_type": kind} for column, _, kind in typed]
        test = {"unique_together": {"arguments": {"columns": _KEYS[name]}}}
        models.append({"name": name, "columns": fields, "data_tests": [test]})
    sources = [{"name": "feed", "schema": feed, "tables": [{"name": "events"}]}]
    return json.dumps({"models": models, "sources": sources})


@dataclass(frozen=True)
class Warehouse:
    """The planted project, its database, and its feed."""

    project: Path
    own: Settings
    feed: str
    forks: Forks

    @property
    def database(self) -> str:
        return self.own.clickhouse_database

    def client(self) -> Client:
        return connections.clickhouse(self.own)

    def bring(self, rows: str) -> None:
        """Insert rows (id, account, value, at, came) into the feed."""
        self.client().command(f"insert into {self.feed}.events {rows}")

    def build(self, as_of: str = AS_OF, *arguments: str) -> None:
        """Run every model."""
        done = run_planted(self.own, self.project, *arguments, as_of=as_of)
        assert done.returncode == 0, done.stdout

    def stir(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The checkout's own stir command, with a dbt that is forked: nobody kills it."""
        return self._run(*self.forks.stir(), *arguments)

    def changes(self, *arguments: str) -> dict[str, Any]:
        """The JSON of a stir command that succeeds."""
        done = self.stir(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def killed(self, point: str, *work: str, nth: int = 1) -> int:
        """The exit code of a process that is killed at a point.

        It does a backfill (`of`, `from`, `to`), a repair (`repair`, `of`, `from`) or `undo`.
        """
        is_dbts = point == "model built"  # a fork that dbt runs in does not end with the process that asked for it
        start = [sys.executable, "-P", "-c", DRIVER] if is_dbts else self.forks.python(DRIVER)
        return self._run(*start, point, str(nth), *work).returncode

    def task(self, params: dict[str, Any], tick: str = "") -> dict[str, Any]:
        """What the task `build` of a transform DAG returns: in a backfill's run at a tick, or in one by hand."""
        done = self._run(*self.forks.python(TASK), json.dumps(params), tick)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = planted_environment(self.own, self.project) | {"PYTHONPATH": str(self.project / "plugins")}
        return subprocess.run(
            command, cwd=self.project, env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    def rows(self, model: str) -> list[tuple[Any, ...]]:
        """The content of a model, as a reader sees it."""
        final = " final" if model in ("log", "series") else ""
        query = f"select * from `{self.database}`.{model}{final} order by all"
        return [tuple(row) for row in self.client().query(query).result_rows]

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """The content of every stored model."""
        return {model: self.rows(model) for model in PUBLISHED}

    def databases(self) -> set[str]:
        """The databases of its backfills."""
        found = self.client().query(
            "select name from system.databases where startsWith(name, {name:String})",
            parameters={"name": f"{self.database}_backfill"},
        )
        return {str(name).removeprefix(self.database) for (name,) in found.result_rows}


DRIVER = """
import os, signal, sys
from datetime import date
from stir.operations.backfill.progress import Observer
from stir.operations.backfill.run import Request, backfill, undo
from stir.operations.repair import repair
from stir.settings import load_settings

point, left, work = sys.argv[1], int(sys.argv[2]), sys.argv[3:]

class Killer(Observer):
    def reached(self, reached):
        global left
        left -= reached == point
        if reached == point and not left:
            os.kill(os.getpid(), signal.SIGKILL)

if work == ["undo"]:
    undo(load_settings(), None, Killer())
elif work[0] == "repair":
    repair(load_settings(), work[1], date.fromisoformat(work[2]), observer=Killer())
else:
    backfill(load_settings(), Request(work[0], *map(date.fromisoformat, work[1:])), Killer())
"""


TASK = """
import json, sys
from datetime import datetime
from types import SimpleNamespace
from airflow.sdk.exceptions import AirflowException
from stir.dags.transform import DbtBuildOperator

params, tick = json.loads(sys.argv[1]), sys.argv[2]
run = SimpleNamespace(
    run_type="backfill" if tick else "manual", logical_date=datetime.fromisoformat(tick) if tick else None, run_id="run"
)
instance = SimpleNamespace(dag_id="dag", run_id="run", task_id="build", try_number=1)
try:
    said = DbtBuildOperator(task_id="build", cadence="history").execute(
        {"params": params, "dag_run": run, "ti": instance}
    )
except AirflowException as error:
    said = {"failed": str(error)}
print(json.dumps(said))
"""


def make_warehouse(own: Settings, folder: Path, feed: str, forks: Forks) -> Warehouse:
    """The project, a feed of 60 days that ends with 14 June 2026, and every model built on it.

    Two accounts with an event on each day; each came within the hour.
    """
    found = Warehouse(plant(folder, MODELS, _properties(feed)), own, feed, forks)
    client = found.client()
    client.command(f"create database {feed}")
    client.command(
        f"create table {feed}.events (id String, account String, value Int64, at DateTime('UTC'), came DateTime('UTC'))"
        " engine MergeTree partition by toYYYYMM(at) order by id"
    )
    found.bring(
        "select concat(account, toString(number)), ['anna', 'ben'][number % 2 + 1] as account, number % 17,"
        " toDateTime('2026-04-16 12:00:00', 'UTC') + interval intDiv(number, 2) day as at, at + interval 1 hour"
        " from numbers(120)"
    )
    found.build()
    return found
