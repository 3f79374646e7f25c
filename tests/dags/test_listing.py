"""`./stir dags` before anything runs: what a newcomer types first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from stir.settings import PROJECT_DIR


def test_the_dags_are_listed_in_a_checkout_where_no_server_was_ever_started(tmp_path: Path) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("STIR_", "AIRFLOW", "DBT_"))}
    own |= {"STIR_STATE_DIR": str(tmp_path), "STIR_ENV_FILE": os.devnull, "PYTHONPATH": str(PROJECT_DIR / "plugins")}
    command = [sys.executable, "-P", "-m", "stir", "dags", "sync_leaderboard"]

    listed = subprocess.run(command, env=own, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)

    assert listed.returncode == 0, listed.stderr
    assert "sync_leaderboard" in listed.stdout
