"""dbt on this project: it parses without a warning, and writes nothing into the project."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stir.settings import PROJECT_DIR, load_settings
from stir.transform.environment import NO_SERVER
from stir.transform.runner import dbt_executable

VARIABLE = "DBT_SEND_ANONYMOUS_USAGE_STATS"
COOKIE = PROJECT_DIR / "profiles" / ".user.yml"


def test_the_project_parses_with_warnings_as_errors_and_leaves_nothing_behind(tmp_path: Path) -> None:
    variables = {
        **NO_SERVER,
        "STIR_CLICKHOUSE_DATABASE": load_settings().clickhouse_database,
        **{name: value for name, value in os.environ.items() if not name.startswith("DBT_")},
        "DBT_PROFILES_DIR": str(COOKIE.parent),
    }
    options = ["--no-partial-parse", "--target-path", str(tmp_path), "--log-path", str(tmp_path)]
    ended = subprocess.run(
        [dbt_executable(), "--quiet", "--warn-error", "parse", *options],
        env=variables,
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout[-3000:]
    assert not COOKIE.exists()


@pytest.mark.parametrize("said", [None, "false", "true"])
def test_a_dbt_task_reports_to_nobody_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, said: str | None
) -> None:
    """A dbt that reports writes profiles/.user.yml. The stock configuration takes the variable for a wish to report."""
    from stir.transform.hook import InPlaceDbtHook

    monkeypatch.delenv(VARIABLE, raising=False)
    if said is not None:
        monkeypatch.setenv(VARIABLE, said)
    hook = InPlaceDbtHook(load_settings(), "", lambda target: None)
    config = hook.get_dbt_task_config("run", project_dir=str(PROJECT_DIR), profiles_dir=str(COOKIE.parent))

    assert config.send_anonymous_usage_stats is False
    assert config.warn_error is not True
