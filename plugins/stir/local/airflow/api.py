"""The parts of Airflow's REST API that stir needs: pools, triggering a DAG, waiting for a run."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx

from stir.errors import StirError
from stir.local.airflow.config import USER

ENDED = {"success", "failed"}
ANSWER_SECONDS = 120
"""How long an answer may take. The API has one worker, and on a busy laptop it has other requests too."""


class AirflowApi:
    """A logged-in client. Every method raises StirError with Airflow's message if it is refused."""

    def __init__(self, base_url: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=f"{base_url}/api/v2", headers={"Authorization": f"Bearer {token}"}, timeout=ANSWER_SECONDS
        )

    @classmethod
    def login(cls, base_url: str, password: str) -> AirflowApi:
        """A client logged in as the administrator of this checkout's Airflow."""
        answer = httpx.post(
            f"{base_url}/auth/token", json={"username": USER, "password": password}, timeout=ANSWER_SECONDS
        )
        if answer.is_error:
            raise StirError(
                "Airflow refused the login", where=base_url, do="`./stir airflow down`, then start it again"
            )
        return cls(base_url, str(answer.json()["access_token"]))

    @staticmethod
    def health(base_url: str) -> dict[str, Any] | None:
        """Airflow's report about its processes; None if the API does not answer."""
        try:
            report: dict[str, Any] = httpx.get(f"{base_url}/api/v2/monitor/health", timeout=5).json()
        except (httpx.HTTPError, ValueError):
            return None
        return report

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One request; returns the decoded body, or None for an empty one."""
        answer = self._client.request(method, path, **options)
        if answer.is_error:
            raise StirError(f"Airflow answered {answer.status_code} to {method} {path}: {answer.text[:300]}")
        return answer.json() if answer.content else None

    def import_pools(self, path: Path) -> None:
        """Create or change the pools of a file in the format of `airflow pools import`."""
        entities = [{"name": name, **pool} for name, pool in json.loads(path.read_text()).items()]
        action = {"action": "create", "entities": entities, "action_on_existence": "overwrite"}
        self.call("PATCH", "/pools", json={"actions": [action]})

    def set_paused(self, dag_id: str, paused: bool) -> None:
        self.call("PATCH", f"/dags/{dag_id}", json={"is_paused": paused})

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run by hand; returns its run id."""
        run = self.call("POST", f"/dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": conf or {}})
        return str(run["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.call("GET", f"/dags/{dag_id}/dagRuns/{run_id}")
        return answer

    def wait(self, dag_id: str, run_id: str, *, seconds: float = 300, pause: float = 0.25) -> str:
        """Wait until a run has ended; returns `success` or `failed`.

        Raises:
            StirError: it had not ended in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = str(self.run(dag_id, run_id)["state"])
            if state in ENDED:
                return state
            time.sleep(pause)
        raise StirError(f"run {run_id} of {dag_id} did not end within {seconds:.0f} s")

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """Task id to its instance in a run: state, try_number, duration and so on."""
        answer = self.call("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances")
        return {instance["task_id"]: instance for instance in answer["task_instances"]}

    def log(self, dag_id: str, run_id: str, task_id: str, attempt: int = 1) -> str:
        """A task's log as text, one event a line."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{attempt}"
        answer = self.call("GET", path, headers={"Accept": "application/json"})
        events = answer["content"]
        return "\n".join(event["event"] if isinstance(event, dict) else str(event) for event in events)
