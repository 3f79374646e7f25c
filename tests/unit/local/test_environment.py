from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stir.cli.services import export_lines
from stir.local import environment
from stir.settings import PROJECT_DIR, Settings

URL = "http://writer:pass%2Fword@127.0.0.1:8123"


def test_export_lines_survive_a_shell_whatever_they_hold() -> None:
    hostile = 'it\'s "$HOME" `id` \\ \n; rm -rf / # ünï'
    done = subprocess.run(
        ["/bin/sh", "-c", export_lines({"STIR_A": hostile, "STIR_B": ""}) + 'printf %s "$STIR_A|$STIR_B"'],
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == f"{hostile}|"


def test_it_holds_what_dbt_and_airflow_read(make_settings: Callable[..., Settings]) -> None:
    values = environment(make_settings(clickhouse_url=URL))
    assert values["STIR_CLICKHOUSE_PASSWORD"] == "pass/word"
    assert values["STIR_CLICKHOUSE_PORT"] == "8123"
    assert values["STIR_CLICKHOUSE_SECURE"] == "false"
    assert Path(values["DBT_PROFILES_DIR"], "profiles.yml").exists()
    assert Path(values["DBT_PROJECT_DIR"], "dbt_project.yml").exists()
    assert values["AIRFLOW_HOME"].startswith(values["STIR_STATE_DIR"])


def test_addresses_that_are_not_configured_are_absent(make_settings: Callable[..., Settings]) -> None:
    values = environment(make_settings(clickhouse_url=URL))
    assert "STIR_POSTGRES_ADMIN_URL" not in values
    assert None not in values.values()


def test_evaluating_it_twice_does_not_grow_the_paths(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(clickhouse_url=URL)
    once = environment(settings)
    for name in ("PATH", "PYTHONPATH"):
        monkeypatch.setenv(name, once[name])
    twice = environment(settings)
    assert (once["PATH"], once["PYTHONPATH"]) == (twice["PATH"], twice["PYTHONPATH"])
    assert once["PYTHONPATH"].split(":")[0] == str(PROJECT_DIR / "plugins")
