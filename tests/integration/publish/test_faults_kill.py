"""The loader killed with SIGKILL at every point, with eight readers looking, and the next run as if nothing was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stir.publish import PublishSpec, publish, verify
from stir.publish.progress import POINTS
from stir.settings import PROJECT_DIR, Settings

from .cut_short import known
from .left_overs import BOARD, generations, left_overs
from .marts import Mart
from .readers import Fleet
from .registered import registered

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


class Killer:
    """Runs publishes that die at a point."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, spec: PublishSpec, point: str) -> int:
        """The return code of a publish that dies at a point; `parallel POINT` loads in parts."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{spec.name} {point}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@pytest.fixture(scope="module")
def run_until(place: Settings) -> Iterator[Killer]:
    """One process that imports, and forks for every publish."""
    command = [sys.executable, str(Path(__file__).with_name("cut_short.py"))]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(place), stdin=pipe, stdout=pipe, text=True) as process:
        yield Killer(process)
        assert process.stdin is not None
        process.stdin.close()


TRIED = ("part exported", "before commit", "after commit")
"""Points of every run: the export is under way, all but the swap is done, the swap is done and nobody knows. What lies
at the others is one of the same three, with more or fewer tables that are a run's own."""
OF_AN_EXCHANGE = ("before commit",)
"""Points of every run at which an exchange of months leaves something else than a plain table."""
PARALLEL = ("part exported", "part loaded", "loaded", "before commit")
"""Points at which a load in parts is another thing than a load in one transaction."""


def marks(point: str, in_every_run: bool) -> list[pytest.MarkDecorator]:
    """Of a point: whether only --long tries it, and whether the commit is there without its answer."""
    found = [] if in_every_run else [pytest.mark.long]
    return [*found, pytest.mark.faults(2)] if point == "after commit" else found


@pytest.mark.faults(1)
@pytest.mark.parametrize(
    "point",
    [
        *(pytest.param(point, marks=marks(point, point in TRIED)) for point in POINTS),
        *(pytest.param(f"parallel {point}", marks=marks(point, point == "part loaded")) for point in PARALLEL),
    ],
)
def test_a_publish_killed_at_a_point_leaves_a_whole_generation(
    place: Settings, mart: Mart, fleet: Fleet, point: str, run_until: Killer
) -> None:
    version = fleet.floor + 1
    mart.build(version)
    killed_and_done_again(place, BOARD, fleet, version, point, run_until)


@pytest.fixture(scope="module")
def months(place: Settings) -> Iterator[tuple[Mart, Fleet]]:
    """Eight readers of a table whose months are exchanged."""
    with registered(known()) as spec:
        mart = Mart(place, spec, months=3)
        mart.build(1)
        publish(place, spec)
        with Fleet(place, table=spec.table, months=3, floor=1) as fleet:
            yield mart, fleet
        fleet.check(at_least=100)


@pytest.mark.faults(1)
@pytest.mark.parametrize(
    "point",
    [
        # The others are points of what a plain table does, too, and are tried in the test of it above.
        pytest.param(point, marks=marks(point, point in OF_AN_EXCHANGE))
        for point in POINTS
        if point not in ("begin", "begun", "snapshot taken")
    ],
)
def test_an_exchange_of_months_killed_at_a_point_leaves_a_whole_generation(
    place: Settings, months: tuple[Mart, Fleet], point: str, run_until: Killer
) -> None:
    mart, fleet = months
    version = fleet.floor + 1
    mart.build(version)
    killed_and_done_again(place, mart.spec, fleet, version, point, run_until)


def killed_and_done_again(
    place: Settings, spec: PublishSpec, fleet: Fleet, version: int, point: str, run_until: Killer
) -> None:
    """Kill a publish at a point, and let the next one find nothing amiss."""
    before = generations(place, spec)[-1].generation
    assert run_until(spec, point) == -signal.SIGKILL
    live = generations(place, spec)[-1].generation
    assert live == (before + 1 if point in VISIBLE else before)
    fleet.wait_for_reads()
    after = publish(place, spec)
    fleet.floor = version
    assert (after.outcome, after.generation) == ("unchanged" if point in VISIBLE else "published", before + 1)
    assert verify(place, spec).mart_is_published
    assert left_overs(place, spec) == []
    assert not fleet.complaints, fleet.complaints[:3]


@pytest.mark.faults(0)
def test_without_a_fault_the_same_process_publishes(
    place: Settings, mart: Mart, fleet: Fleet, run_until: Killer
) -> None:
    version = fleet.floor + 1
    mart.build(version)
    assert run_until(BOARD, "no such point") == 0
    fleet.floor = version
    fleet.wait_for_reads()
    assert verify(place, BOARD).mart_is_published
