"""The environment of this checkout: what `stir env` prints and what dbt and Airflow are started with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from stir.local.airflow.config import airflow_environment
from stir.local.postgres import service
from stir.local.supervisor import URL_FIELDS
from stir.settings import PROJECT_DIR, Settings


def environment(settings: Settings) -> dict[str, str]:
    """Variables that make `dbt`, `airflow` and another `stir` work on this checkout. Holds passwords."""
    clickhouse = settings.clickhouse
    path = os.environ.get("PATH", "").split(os.pathsep)
    # dbt and airflow of the virtual environment, `stir` itself, and the psql that fits the embedded server.
    for folder in (service.binary("psql").parent, PROJECT_DIR, Path(sys.executable).parent):
        path = _first(str(folder), path)
    python_path = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    values = {
        "PATH": os.pathsep.join(path),
        "PYTHONPATH": os.pathsep.join(_first(str(PROJECT_DIR / "plugins"), python_path)),
        "STIR_STATE_DIR": str(settings.state_dir.absolute()),
        "STIR_CACHE_DIR": str(settings.cache_dir.absolute()),
        "STIR_CLICKHOUSE_HOST": clickhouse.host,
        "STIR_CLICKHOUSE_PORT": str(clickhouse.port),
        "STIR_CLICKHOUSE_USER": clickhouse.user,
        "STIR_CLICKHOUSE_PASSWORD": clickhouse.password,
        "STIR_CLICKHOUSE_SECURE": str(clickhouse.secure).lower(),
        "STIR_CLICKHOUSE_DATABASE": settings.clickhouse_database,
        "STIR_CLICKHOUSE_THREADS": str(settings.clickhouse_threads),
        "DBT_PROFILES_DIR": str(PROJECT_DIR / "profiles"),
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(settings.state_dir.absolute() / "dbt" / "target"),
        "DBT_LOG_PATH": str(settings.state_dir.absolute() / "dbt" / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    for field in URL_FIELDS:
        value = getattr(settings, field)
        if value is not None:
            values[f"STIR_{field.upper()}"] = value.get_secret_value()
    return values | airflow_environment(settings)


def _first(entry: str, others: list[str]) -> list[str]:
    return [entry, *(other for other in others if other != entry)]
