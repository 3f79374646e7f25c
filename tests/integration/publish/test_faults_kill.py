"""The loader killed with SIGKILL at every point, with eight readers looking, and the next run as if nothing was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stir.publish import publish, verify
from stir.publish.progress import POINTS
from stir.settings import PROJECT_DIR, Settings

from .left_overs import BOARD, generations, left_overs
from .marts import Mart
from .readers import Fleet

VISIBLE = ("after commit", "swapped", "cleaned up")
"""Points behind the commit: the new generation is live although the run was killed."""


def environment(place: Settings) -> dict[str, str]:
    """The STIR_* variables that make another process see the same services."""
    values = {
        name: value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
        for name, value in place
        if value is not None
    }
    path = {"PYTHONPATH": str(PROJECT_DIR / "plugins"), "STIR_ENV_FILE": os.devnull, "PATH": os.environ["PATH"]}
    return {f"STIR_{name.upper()}": value for name, value in values.items()} | path


def run_until(place: Settings, point: str, *options: str) -> int:
    """The return code of a publish that dies at a point."""
    script = Path(__file__).with_name("cut_short.py")
    command = [sys.executable, str(script), point, *options]
    return subprocess.run(command, env=environment(place), check=False, timeout=600).returncode


PARALLEL = ("part exported", "part loaded", "loaded", "before commit")
"""Points at which a load in parts is another thing than a load in one transaction."""


@pytest.mark.faults(1)
@pytest.mark.parametrize(
    ("point", "way"),
    [
        *(
            pytest.param(point, "frozen", marks=[pytest.mark.faults(2)] if point == "after commit" else [])
            for point in POINTS
        ),
        *((point, "parallel") for point in PARALLEL),
    ],
)
def test_a_publish_killed_at_a_point_leaves_a_whole_generation(
    place: Settings, mart: Mart, fleet: Fleet, point: str, way: str
) -> None:
    version = fleet.floor + 1
    before = generations(place)[-1].generation
    mart.build(version)
    assert run_until(place, point, way) == -signal.SIGKILL
    live = generations(place)[-1].generation
    assert live == (before + 1 if point in VISIBLE else before)
    fleet.wait_for_reads()
    after = publish(place, BOARD)
    fleet.floor = version
    assert (after.outcome, after.generation) == ("unchanged" if point in VISIBLE else "published", before + 1)
    assert verify(place, BOARD).mart_is_published
    assert left_overs(place) == []
    assert not fleet.complaints, fleet.complaints[:3]


@pytest.mark.faults(0)
def test_without_a_fault_the_same_process_publishes(place: Settings, mart: Mart, fleet: Fleet) -> None:
    version = fleet.floor + 1
    mart.build(version)
    assert run_until(place, "no such point") == 0
    fleet.floor = version
    fleet.wait_for_reads()
    assert verify(place, BOARD).mart_is_published
