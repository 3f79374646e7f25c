"""Airflow as a user starts it, on the test services and the test warehouse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stir.local.airflow.api import AirflowApi
from stir.local.airflow.config import base_url, identity
from stir.settings import PROJECT_DIR, Settings
from stir.world.warehouse import Build

from .airflow_runs import wait_for

DAG_COUNT = len(list((PROJECT_DIR / "dags").rglob("*.py")))


def stir(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a stir command as a user would; its output is captured."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_DIR / "plugins"), **variables}
    return subprocess.run(
        [sys.executable, "-P", "-m", "stir", *arguments],
        env=environment,
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


class Slack:
    """What answers as Slack's incoming webhook does, and remembers what it was told."""

    def __init__(self) -> None:
        reported: list[tuple[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                reported.append((self.path, str(json.loads(body)["text"])))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.reported = reported
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def connection(self) -> str:
        """An Airflow connection to it, as an environment variable holds it."""
        host = f"http://127.0.0.1:{self.server.server_port}/services"
        return json.dumps({"conn_type": "slackwebhook", "host": host, "password": "T0/B0/planted-secret"})


@pytest.fixture(scope="session")
def slack() -> Iterator[Slack]:
    stand_in = Slack()
    yield stand_in
    stand_in.server.shutdown()


@pytest.fixture(scope="session")
def airflow_variables(slack: Slack) -> dict[str, str]:
    """How the tests' Airflow differs from a user's: short waits before a retry, DAG files that are read once, because
    none changes, and a Slack channel for tiers 1 and 2."""
    return {
        "STIR_AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "4",
        "STIR_AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "7200",
        "AIRFLOW_CONN_SLACK_TIER1": slack.connection(),
        "AIRFLOW_CONN_SLACK_TIER2": slack.connection(),
    }


@pytest.fixture(scope="session")
def airflow(settings: Settings, warehouse: Build, airflow_variables: dict[str, str]) -> Iterator[AirflowApi]:
    """Airflow's API, with every DAG known to it; the processes are stopped at the end."""
    started = stir("airflow", "up", **airflow_variables)
    assert started.returncode == 0, started.stderr
    api = AirflowApi.login(base_url(settings), identity(settings).password)
    wait_for(lambda: api.call("GET", "/dags")["total_entries"] == DAG_COUNT, "every DAG to be known")
    assert api.call("GET", "/importErrors")["import_errors"] == []
    yield api
    stopped = stir("airflow", "down")
    assert stopped.returncode == 0, stopped.stderr
