"""Airflow on this machine: starts, watches and stops four processes on the embedded services.

`airflow standalone` leaves its children running when it is stopped, so api-server, scheduler, dag-processor and
triggerer are each started here, as leader of a session of their own. All that a process forks stays in its session,
which is how exactly ours are found again, even after the leader was killed.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from stir.errors import StirError
from stir.local.airflow.api import AirflowApi
from stir.local.airflow.config import SERVICE, airflow_environment, base_url, home, identity, layout
from stir.local.machine import sessions
from stir.local.machine.layout import file_lock, read_json, write_private
from stir.local.machine.ports import Ports
from stir.local.machine.process import last_words, trim_log
from stir.local.machine.sessions import SessionLeader
from stir.settings import PROJECT_DIR, Settings

COMMANDS = {
    "api-server": ("api-server",),
    # Both would serve task logs on every network interface, whatever the API's host is.
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
CELERY_WORKER = "celery-worker"
RUNNABLE = {**COMMANDS, CELERY_WORKER: ("celery", "worker", "--skip-serve-logs")}
"""Every process that `stir airflow run` starts. A laptop needs no worker: its scheduler runs the tasks itself."""
CELERY_APP = "airflow.providers.celery.executors.celery_executor.app"
PARTS = {"scheduler": "scheduler", "dag-processor": "dag_processor", "triggerer": "triggerer"}
"""Process to its name in Airflow's own health report; the api-server is the one that reports."""
POOLS_FILE = PROJECT_DIR / "dags" / "pools.json"
START_SECONDS = 180
QUIET = "ignore:resource_tracker:UserWarning"
"""Without this, Python's warning about dbt's semaphores would be the last line of every dbt task's log."""

Say = Callable[[str], None]


def start(settings: Settings, say: Say = lambda line: None) -> AirflowApi:
    """Start the processes that do not run and wait until all four are healthy; returns a client of the API.

    `settings` are those of running services (`stir.local.ensure_services`). `say` gets a line per stage.

    Raises:
        StirError: there is no metadata database, or a process ended or was not healthy in time.
    """
    layout(settings).create()
    home(settings).mkdir(mode=0o700, exist_ok=True)
    with file_lock(home(settings) / "lock", START_SECONDS, "Airflow"):
        if not leaders(settings).get("api-server"):
            _claim_port(settings, say)
        variables = process_environment(settings)
        migrate(settings, variables, say)
        began = leaders(settings)
        for name in COMMANDS:
            if name not in began:
                say(f"starting {name}")
                _spawn(settings, name, variables)
    say("waiting until all are healthy")
    api = wait_until_healthy(settings)
    api.import_pools(POOLS_FILE)
    return api


def _claim_port(settings: Settings, say: Say) -> None:
    """Take the remembered port, or another when somebody else has it by now; then all must know the new one."""
    with layout(settings).lock():
        _, note = Ports(layout(settings)).claim(SERVICE, None)
    if note:
        say(note)
        sessions.end([record for name in COMMANDS if (record := _recorded(settings, name))])


def migrate(settings: Settings, variables: Mapping[str, str], say: Say = lambda line: None) -> None:
    """Migrate the metadata database to the installed Airflow; takes milliseconds if it is up to date.

    Asking Airflow costs seconds, so the revision of its last migration is kept with its version.

    Raises:
        StirError: no database is configured, or Airflow could not migrate it.
    """
    if settings.airflow_database_url is None:
        raise StirError(
            "no database for Airflow's metadata is configured",
            where="STIR_AIRFLOW_DATABASE_URL",
            do="unset your own STIR_POSTGRES_URL, or set this one to an empty PostgreSQL database",
        )
    stamp = home(settings) / "migrated.json"
    done, revision = read_json(stamp), _revision(settings)
    if revision and done == {"airflow": version("apache-airflow-core"), "revision": revision}:
        return
    say("preparing the metadata database (once)")
    log = layout(settings).log("airflow-migrate")
    with log.open("wb") as output:
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        ended = subprocess.run(command, env=dict(variables), stdout=output, stderr=output, check=False)
    if ended.returncode != 0:
        raise StirError(f"Airflow could not prepare its metadata database: {last_words(log, 0)}", where=str(log))
    write_private(stamp, json.dumps({"airflow": version("apache-airflow-core"), "revision": _revision(settings)}))


def _revision(settings: Settings) -> str | None:
    import psycopg

    assert settings.airflow_database_url is not None  # noqa: S101  (migrate refused otherwise)
    address = settings.airflow_database_url.get_secret_value().replace("+psycopg2", "", 1)
    with psycopg.connect(address, connect_timeout=10) as connection:
        try:
            row = connection.execute("select version_num from alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return str(row[0]) if row else None


FORKS_ON_MACOS = {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "NO_PROXY": "*", "no_proxy": "*"}
"""Airflow forks its tasks. macOS ends a forked process that calls Objective-C, as Python does to look up proxies."""


def import_pools(settings: Settings) -> None:
    """Import the pools of dags/pools.json into the metadata database. Airflow need not run.

    Raises:
        StirError: Airflow refused them.
    """
    command = [sys.executable, "-m", "airflow", "pools", "import", str(POOLS_FILE)]
    ended = subprocess.run(command, env=process_environment(settings), capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        last = next(reversed(ended.stderr.strip().splitlines()), "it said nothing")
        raise StirError(f"Airflow could not import its pools: {last}", where=str(POOLS_FILE))


def process_environment(settings: Settings, system: str = sys.platform) -> dict[str, str]:
    """The environment of one of Airflow's processes on an operating system, by default this one."""
    own = FORKS_ON_MACOS if system == "darwin" else {}
    return {**os.environ, **own, **airflow_environment(settings), "PYTHONWARNINGS": QUIET}


def wait_until_healthy(settings: Settings) -> AirflowApi:
    """Return when the API answers and scheduler, dag-processor and triggerer have sent a heartbeat.

    Raises:
        StirError: a process ended, or START_SECONDS are over.
    """
    deadline = time.monotonic() + START_SECONDS
    while True:
        failing = unhealthy(settings)
        if not failing:
            return AirflowApi.login(base_url(settings), identity(settings).password)
        alive = leaders(settings)
        dead = [name for name in COMMANDS if name not in alive]
        if dead or time.monotonic() > deadline:
            name = (dead or failing)[0]
            log = layout(settings).log(f"airflow-{name}")
            what = "ended while starting" if dead else f"was not healthy within {START_SECONDS} s"
            raise StirError(
                f"Airflow's {name} {what}: {last_words(log, 0) or 'its log is empty'}",
                where=str(log),
                do="`./stir airflow down` stops the others; then start it again",
            )
        time.sleep(0.25)


def unhealthy(settings: Settings) -> list[str]:
    """The processes that Airflow reports as not healthy. A heartbeat of an earlier process does not count."""
    report, alive = AirflowApi.health(base_url(settings)), leaders(settings)
    if report is None or "api-server" not in alive:
        return list(COMMANDS)
    return [name for name, part in PARTS.items() if name not in alive or _beat(report, part) < alive[name].began]


def is_healthy(name: str, url: str) -> bool:
    """Whether the Airflow at `url` says that its process `name` is healthy; for processes that run elsewhere."""
    report = AirflowApi.health(url)
    return report is not None and (name not in PARTS or _beat(report, PARTS[name]) > 0)


def worker_answers(settings: Settings) -> bool:
    """Whether the Celery worker of this machine answers its broker."""
    node = f"celery@{socket.gethostname()}"
    command = [sys.executable, "-m", "celery", "--app", CELERY_APP, "inspect", "ping", "--destination", node]
    ended = subprocess.run(command, env=process_environment(settings), capture_output=True, check=False)
    return ended.returncode == 0


def _beat(report: Mapping[str, Any], part: str) -> float:
    """When a part of Airflow last sent a heartbeat, in seconds since the epoch; 0 if it is not healthy."""
    entry = report.get(part) or {}
    latest = entry.get(f"latest_{part}_heartbeat")
    return datetime.fromisoformat(latest).timestamp() if latest and entry.get("status") == "healthy" else 0.0


def leaders(settings: Settings) -> dict[str, SessionLeader]:
    """Our processes that run, by name."""
    recorded = {name: _recorded(settings, name) for name in COMMANDS}
    return {name: leader for name, leader in recorded.items() if leader and leader.alive}


def memory(settings: Settings) -> int:
    """Resident bytes of all our Airflow processes; what they share is counted for each."""
    recorded = [leader for name in COMMANDS if (leader := _recorded(settings, name))]
    return sum(process.memory_info().rss for process in sessions.members(recorded))


def stop(settings: Settings) -> list[str]:
    """Stop everything that `start` started and that still runs; returns the names that were running.

    The api-server goes last: tasks that are being stopped report to it.
    """
    recorded = {name: leader for name in COMMANDS if (leader := _recorded(settings, name))}
    was = [name for name, leader in recorded.items() if sessions.members([leader])]
    sessions.end([leader for name, leader in recorded.items() if name != "api-server"])
    # It stops answering after a fraction of a second, but its threads keep the process for ten seconds.
    sessions.end([leader for name, leader in recorded.items() if name == "api-server"], patience=1)
    for name in recorded:
        layout(settings).record(f"airflow-{name}").unlink(missing_ok=True)
    return was


def _spawn(settings: Settings, name: str, variables: Mapping[str, str]) -> None:
    remains = _recorded(settings, name)
    if remains:
        sessions.end([remains])  # what a killed leader left behind
    log = layout(settings).log(f"airflow-{name}")
    trim_log(log)
    leader = sessions.begin(
        [sys.executable, "-m", "airflow", *COMMANDS[name]], log=log, environment=variables, folder=home(settings)
    )
    write_private(layout(settings).record(f"airflow-{name}"), json.dumps({"pid": leader.pid, "began": leader.began}))


def _recorded(settings: Settings, name: str) -> SessionLeader | None:
    kept = read_json(layout(settings).record(f"airflow-{name}"))
    return SessionLeader(int(kept["pid"]), float(kept["began"])) if kept else None
