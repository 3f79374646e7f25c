"""The environment of this checkout, for `stir env` and for Airflow's processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from stir.local.airflow.config import airflow_environment
from stir.local.postgres import service as postgres
from stir.settings import PROJECT_DIR, Settings
from stir.transform.environment import dbt_environment


def environment(settings: Settings, *, server: bool = True) -> dict[str, str]:
    """Variables that make `dbt`, `airflow` and another `stir` work on this checkout. Holds passwords.

    Without `server` they are for what connects to nothing, such as listing the DAGs.

    Raises:
        StirError: `server` is wanted and none is configured.
    """
    path = os.environ.get("PATH", "").split(os.pathsep)
    # dbt and airflow of the virtual environment, `stir` itself, and the psql that fits the embedded server.
    psql = postgres.find_binary("psql")
    for folder in (*([psql.parent] if psql else []), PROJECT_DIR, Path(sys.executable).parent):
        path = _first(str(folder), path)
    python_path = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return {
        "PATH": os.pathsep.join(path),
        "PYTHONPATH": os.pathsep.join(_first(str(PROJECT_DIR / "plugins"), python_path)),
        **dbt_environment(settings, server=server),
        **airflow_environment(settings),
    }


def _first(entry: str, others: list[str]) -> list[str]:
    return [entry, *(other for other in others if other != entry)]
