"""The scripts of a job on the PostgreSQL host, in a shell of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stir.publish.load import ssh_job

RM = """#!/bin/sh
{rm} "$@"
if [ -e {left} ]; then mkdir -p {job}; mv {left} {job}/lock; echo "not empty" >&2; exit 1; fi
"""
"""Removes a folder while another caller of its job makes the lock again, once."""


def stop(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-s"],
        input=ssh_job.stop_script(str(folder), "prod-a*"),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    """Two jobs that have ended, and one of another key."""
    for name in ("prod-a1", "prod-a2", "prod-b"):
        (tmp_path / "jobs" / name).mkdir(parents=True)
        (tmp_path / "jobs" / name / "rc").write_text("0")
    return tmp_path / "jobs"


def test_jobs_of_the_pattern_are_removed_and_no_others(jobs: Path) -> None:
    done = stop(jobs)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in jobs.iterdir()] == ["prod-b"]


def test_a_job_whose_lock_another_caller_makes_again_is_removed_all_the_same(jobs: Path, tmp_path: Path) -> None:
    tools, left = tmp_path / "tools", tmp_path / "lock"
    tools.mkdir()
    left.touch()
    (tools / "rm").write_text(RM.format(rm=shutil.which("rm"), left=left, job=jobs / "prod-a1"))
    (tools / "rm").chmod(0o755)
    done = stop(jobs, PATH=f"{tools}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    assert not left.exists(), "nobody came in between"
    assert [path.name for path in jobs.iterdir()] == ["prod-b"]
