"""The first start in a fresh clone: what goes wrong says what to do and leaves nothing half-made."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[2]
NOWHERE = "http://127.0.0.1:9/simple"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the first start reads, and no virtual environment."""
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "requirements").mkdir()
    for name in ("stir", "requirements.lock", "requirements/installer.lock"):
        shutil.copy2(PROJECT_DIR / name, folder / name)
    shutil.copytree(PROJECT_DIR / "plugins", folder / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _environment(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STIR_", "PYTHON"))}
    return {**kept, **extra}


def _unreachable_index() -> dict[str, str]:
    """An index that refuses connections, for pip and for uv alike; no local cache may stand in for it."""
    return _environment(
        PIP_INDEX_URL=NOWHERE,
        PIP_EXTRA_INDEX_URL="",
        PIP_CONFIG_FILE=os.devnull,
        PIP_RETRIES="0",
        PIP_NO_CACHE_DIR="1",
        UV_INDEX_URL=NOWHERE,
        UV_NO_CACHE="1",
        UV_HTTP_RETRIES="0",
    )


def test_a_failed_download_says_what_to_do_and_leaves_nothing(clone: Path) -> None:
    done = subprocess.run([clone / "stir", "--version"], env=_unreachable_index(), capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("stir: installing requirements.lock failed (")
    assert "run the same command again" in done.stderr
    assert sorted(path.name for path in clone.iterdir()) == ["plugins", "requirements", "requirements.lock", "stir"]


# One handler takes both signals.
@pytest.mark.parametrize(
    "stop", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)], ids=lambda stop: stop.name
)
def test_an_interrupted_install_leaves_nothing(clone: Path, stop: signal.Signals) -> None:
    process = subprocess.Popen(
        [clone / "stir", "--version"],
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (clone / ".venv.lock").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    os.killpg(process.pid, stop)
    process.wait(120)

    assert process.returncode != 0
    assert sorted(path.name for path in clone.iterdir()) == ["plugins", "requirements", "requirements.lock", "stir"]


def test_an_install_under_way_is_waited_for_and_a_killed_one_is_taken_over(clone: Path) -> None:
    lock = clone / ".venv.lock"
    lock.mkdir()
    (lock / "pid").write_text(str(os.getpid()))
    busy = subprocess.run([clone / "stir", "--version"], env=_unreachable_index(), capture_output=True, text=True)
    (lock / "pid").write_text("4194304")  # beyond the highest process id that Linux gives
    taken_over = subprocess.run([clone / "stir", "--version"], env=_unreachable_index(), capture_output=True, text=True)

    assert f"under way (process {os.getpid()})" in busy.stderr
    assert busy.stderr.count("\n") == 1
    assert "installing requirements.lock failed" in taken_over.stderr
    assert not lock.exists()


def test_without_a_usable_python_the_line_names_the_package(clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "readlink", "cmp", "mkdir", "rm", "cat"):
        target = shutil.which(name)
        assert target is not None
        (tools / name).symlink_to(target)

    done = subprocess.run([clone / "stir"], env={"PATH": str(tools)}, capture_output=True, text=True)

    assert done.returncode == 1
    assert "install one, for example with `apt-get install python3.11" in done.stderr
    assert not (clone / ".venv").exists()


def test_bytecode_is_kept_where_none_may_stand_beside_the_sources(clone: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    wanted = {"STIR_VENV": sys.prefix, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(cache)}
    done = subprocess.run([clone / "stir", "--version"], env=_environment(**wanted), capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert any(cache.rglob("main.*.pyc"))
    assert not any(clone.rglob("*.pyc"))
