"""The pre-parsed dbt project: parsed once, read by every dbt task, renewed when the project changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from stir.local import environment
from stir.settings import PROJECT_DIR, Settings
from stir.transform.runner import dbt_executable

PARSED = "partial_parse.msgpack"


def parsed_project(settings: Settings) -> Path:
    """The pre-parsed project that tasks read. It is only ever replaced whole."""
    return settings.state_dir / "dbt" / PARSED


def renew(parsed: Path, target: Path) -> bool:
    """Make the parse that dbt left in its `target` folder the one that all tasks read, if it left one.

    dbt writes its parse only when it differs from what it had read.
    """
    fresh = target / PARSED
    if not fresh.exists():
        return False
    fresh.replace(parsed)
    return True


def parse(settings: Settings) -> Path:
    """Parse the project if no parse is kept yet (some seconds); returns where it is kept.

    A project that does not parse is left to the dbt task that needs it: its log is where somebody looks.
    """
    parsed = parsed_project(settings)
    if parsed.exists():
        return parsed
    parsed.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parsed.parent))
    try:
        subprocess.run(
            [dbt_executable(), "--quiet", "parse", "--target-path", str(folder), "--log-path", str(folder)],
            env={**os.environ, **environment(settings)},
            cwd=PROJECT_DIR,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        renew(parsed, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return parsed
