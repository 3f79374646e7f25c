"""Misspelt settings and lines of .env that say nothing are named, and nothing that means something is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stir.local.variables import OF_AIRFLOW, OTHERS, ignored, known
from stir.settings import PROJECT_DIR

READ_IN = ("plugins", "dags", "docker", "models", "macros", "profiles", "bench", "tests/live")
FILES = ("stir", "Dockerfile", "docker-compose.yml", "docker-compose.celery.yml", "docker-compose.cluster.yml")
IS_NO_VARIABLE = {"STIR_COLLECT_", "STIR_CREDENTIALS", "STIR_LOCAL_", "STIR_S"}
"""Beginnings of names, and a name of something else."""


@pytest.fixture(scope="module")
def named() -> set[str]:
    """Every variable that a file of the project names."""
    files = [PROJECT_DIR / name for name in FILES]
    for folder in READ_IN:
        files += [
            path for path in (PROJECT_DIR / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        ]
    own = PROJECT_DIR / "plugins" / "stir" / "local" / "variables.py"
    texts = [path.read_text(encoding="utf-8", errors="ignore") for path in files if path != own]
    return {name for text in texts for name in re.findall(r"\bSTIR_[A-Z0-9_]+", text)}


def test_every_variable_that_the_project_names_is_known(named: set[str]) -> None:
    unknown = {name for name in named - known() - IS_NO_VARIABLE if not name.startswith(OF_AIRFLOW)}

    assert unknown == set(), "put it into the settings or into stir.local.variables"


def test_no_variable_is_known_that_nothing_names(named: set[str]) -> None:
    composed = {name for name in OTHERS if name.endswith("_PASSWORD")}  # of a role, put together
    assert OTHERS - named - composed == {"STIR_VARIABLES_CHECKED"} - named


def test_a_misspelt_setting_is_named_with_the_nearest_one_and_without_its_value(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("STIR_POSTGRES_URI=secret\nexport stir_as_off=secret\nthis is secret\nOTHER=1\nSTIR_AS_OF=\n")
    given = {"STIR_CLICKHOUSE_DATABSE": "secret", "STIR_AIRFLOW__CORE__X": "1", "STIR_VENV": "x", "PATH": "x"}

    assert list(ignored(given, env_file)) == [
        f"line 3 of {env_file} is no NAME=value and is ignored",
        "STIR_CLICKHOUSE_DATABSE is no setting and is ignored; did you mean STIR_CLICKHOUSE_DATABASE?",
        "STIR_POSTGRES_URI is no setting and is ignored; did you mean STIR_POSTGRES_URL?",
        "STIR_AS_OFF is no setting and is ignored; did you mean STIR_AS_OF?",
    ]
    assert list(ignored({"STIR_QQQ": "1"}, tmp_path / "none")) == ["STIR_QQQ is no setting and is ignored"]
