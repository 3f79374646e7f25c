"""STIR_LOG_FORMAT=json: every line on standard error is one JSON object, and none holds a secret."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stir.cli.log_lines import HIDDEN, JsonLines, secrets_of
from stir.settings import PROJECT_DIR, Settings


def run(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STIR_")}
    own = {"STIR_STATE_DIR": str(tmp_path), "STIR_ENV_FILE": os.devnull, "STIR_LOG_FORMAT": "json", **variables}
    environment = {**kept, **own, "PYTHONPATH": str(PROJECT_DIR / "plugins")}
    command = [sys.executable, "-P", "-m", "stir", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_an_error_is_one_line_of_json(tmp_path: Path) -> None:
    done = run(tmp_path, "verify", "leaderbord")
    assert done.returncode != 0
    [line] = done.stderr.splitlines()
    said = json.loads(line)
    assert (said["level"], said["command"]) == ("error", "verify")
    assert said["message"].startswith("no published table is called 'leaderbord'")


def test_a_password_in_a_message_is_hidden(tmp_path: Path) -> None:
    url = "postgresql://writer:pa%2Fss@127.0.0.1:9/stir"
    done = run(tmp_path, "generations", "leaderboard", STIR_POSTGRES_URL=url, STIR_CLICKHOUSE_URL="http://w:w@h:1")
    assert done.returncode != 0
    assert [json.loads(line) for line in done.stderr.splitlines()]
    assert "pa%2Fss" not in done.stderr
    assert "pa/ss" not in done.stderr


@pytest.mark.parametrize("form", ["http://w:pa%2Fss@h:1", "pa%2Fss", "pa/ss"])
def test_an_address_and_its_password_are_hidden_as_written_and_as_meant(
    make_settings: Callable[..., Settings], form: str
) -> None:
    target = io.StringIO()
    lines = JsonLines(target, "up", secrets_of(make_settings(clickhouse_url="http://w:pa%2Fss@h:1")))
    print(f"cannot reach {form}!", file=lines)
    assert json.loads(target.getvalue())["message"] == f"cannot reach {HIDDEN}!"


def test_lines_are_separated_however_they_are_written() -> None:
    target = io.StringIO()
    lines = JsonLines(target, "up", [])
    for text in ("stir: one", "\n", "\n", "two\nthr", "ee\n"):
        lines.write(text)
    assert [json.loads(line)["message"] for line in target.getvalue().splitlines()] == ["one", "two", "three"]
