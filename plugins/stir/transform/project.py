"""The pre-parsed dbt project: parsed once, read by every dbt task, renewed when the project changes.

Beside it lies the manifest of the same parse, for those who want to know what dbt knows without asking dbt.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from stir.settings import PROJECT_DIR, Settings
from stir.transform.environment import dbt_environment
from stir.transform.runner import dbt_executable

PARSED = "partial_parse.msgpack"
MANIFEST = "manifest.json"


def parsed_project(settings: Settings) -> Path:
    """The pre-parsed project that tasks read. It is only ever replaced whole."""
    return settings.state_dir / "dbt" / PARSED


def kept_manifest(settings: Settings) -> Path:
    """The manifest of that parse."""
    return parsed_project(settings).with_name(MANIFEST)


def renew(parsed: Path, target: Path) -> bool:
    """Make the parse that dbt left in its `target` folder the one that all tasks read, if it left one.

    dbt writes its parse only when it differs from what it had read.
    """
    fresh = target / PARSED
    if not fresh.exists():
        return False
    manifest = target / MANIFEST
    if manifest.exists():  # copied, because it is also an artifact of the task; under its name it is always whole
        shutil.copyfile(manifest, target / f"{MANIFEST}.kept").replace(parsed.with_name(MANIFEST))
    fresh.replace(parsed)
    return True


def parse(settings: Settings) -> Path:
    """Parse the project if no parse is kept yet (some seconds); returns where it is kept.

    A project that does not parse is left to the dbt task that needs it: its log is where somebody looks.
    """
    parsed = parsed_project(settings)
    if parsed.exists() and kept_manifest(settings).exists():
        return parsed
    parsed.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parsed.parent))
    try:
        subprocess.run(
            [dbt_executable(), "--quiet", "parse", "--target-path", str(folder), "--log-path", str(folder)],
            env={**os.environ, **dbt_environment(settings)},
            cwd=PROJECT_DIR,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        renew(parsed, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return parsed
