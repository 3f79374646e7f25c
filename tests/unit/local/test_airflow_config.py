"""Airflow's configuration of a checkout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stir.local.airflow import processes
from stir.local.airflow.config import airflow_environment, identity, passwords_file, port
from stir.settings import PROJECT_DIR, Settings

DATABASE = "postgresql+psycopg2://airflow:secret@127.0.0.1:5432/airflow"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, state_dir=tmp_path, airflow_database_url=DATABASE)


def test_secrets_are_made_once_and_only_their_owner_reads_them(settings: Settings) -> None:
    first = identity(settings)
    assert identity(settings) == first
    assert json.loads(passwords_file(settings).read_text()) == {"admin": first.password}
    for path in (passwords_file(settings), settings.state_dir / "airflow" / "identity.json"):
        assert path.stat().st_mode & 0o077 == 0


def test_two_checkouts_share_neither_secrets_nor_home(settings: Settings, tmp_path: Path) -> None:
    other = Settings(_env_file=None, state_dir=tmp_path / "other", airflow_database_url=DATABASE)
    mine, theirs = airflow_environment(settings), airflow_environment(other)
    for name in (
        "AIRFLOW_HOME",
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__API__SECRET_KEY",
    ):
        assert mine[name] != theirs[name]


def test_everything_listens_on_the_loopback_and_uses_the_remembered_port(settings: Settings) -> None:
    values = airflow_environment(settings)
    assert values["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert values["AIRFLOW__API__PORT"] == str(port(settings)) == str(port(settings))
    assert values["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == f"http://127.0.0.1:{port(settings)}/execution/"


def test_dags_and_plugins_are_the_checkouts_and_dags_begin_paused(settings: Settings) -> None:
    values = airflow_environment(settings)
    assert values["AIRFLOW__CORE__DAGS_FOLDER"] == str(PROJECT_DIR / "dags")
    assert values["AIRFLOW__CORE__PLUGINS_FOLDER"] == str(PROJECT_DIR / "plugins")
    assert values["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
    assert values["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] == "True"


@pytest.mark.parametrize("url", [DATABASE, DATABASE.replace("+psycopg2", "")])
def test_the_database_is_given_with_its_driver(tmp_path: Path, url: str) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path, airflow_database_url=url)
    assert airflow_environment(settings)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == DATABASE


def test_an_option_is_set_behind_stir_and_another_installations_variable_is_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STIR_AIRFLOW__CORE__PARALLELISM", "9")
    monkeypatch.setenv("AIRFLOW_HOME", "/somebody/elses")
    values = airflow_environment(settings)
    assert values["AIRFLOW__CORE__PARALLELISM"] == "9"
    assert values["AIRFLOW_HOME"] == str(settings.state_dir / "airflow")


def test_without_a_database_the_environment_is_still_there_for_dbt(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path)
    assert "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" not in airflow_environment(settings)


def test_on_a_mac_forked_tasks_may_call_objective_c(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in processes.FORKS_ON_MACOS:
        monkeypatch.delenv(name, raising=False)
    assert processes.FORKS_ON_MACOS.items() <= processes.process_environment(settings, "darwin").items()
    assert not processes.FORKS_ON_MACOS.keys() & processes.process_environment(settings, "linux").keys()


def test_airflows_processes_log_json_where_commands_do(settings: Settings) -> None:
    name = "AIRFLOW__LOGGING__JSON_LOGS"
    assert airflow_environment(settings.model_copy(update={"log_format": "json"}))[name] == "True"
    assert name not in airflow_environment(settings)
