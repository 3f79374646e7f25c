"""The DAG folder as Airflow loads it, without a database and without a network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[2]
DAGS_DIR = PROJECT_DIR / "dags"
PLUGINS_DIR = PROJECT_DIR / "plugins"


def airflow_variables(home: Path) -> dict[str, str]:
    """The settings under which Airflow parses here; nothing of a running installation."""
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS_DIR),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS_DIR),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }


def dag_files() -> list[Path]:
    """Every DAG file of the project."""
    return sorted(DAGS_DIR.rglob("*.py"))


@pytest.fixture(scope="session")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All DAGs, loaded as the dag-processor loads them."""
    for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
        del os.environ[name]
    os.environ.update(airflow_variables(tmp_path_factory.mktemp("airflow")))
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(DAGS_DIR))


@pytest.fixture(scope="session")
def dags(bag: Any) -> dict[str, Any]:
    """DAG id to DAG."""
    assert bag.import_errors == {}
    return dict(bag.dags)
