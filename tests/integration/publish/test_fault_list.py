"""Every fault of the list has a test of its name; a number that nobody knows would be counted nowhere."""

from __future__ import annotations

import re
from pathlib import Path

from tests.integration.publish.fault_report import FAULTS, SEEN, Figures, lines

from stir.settings import PROJECT_DIR

SUITE = PROJECT_DIR / "tests" / "integration" / "publish"


def marked(folder: Path) -> set[int]:
    """Numbers of the faults that tests are marked with."""
    source = "\n".join(path.read_text() for path in sorted(folder.glob("test_*.py")))
    return {int(number) for number in re.findall(r"mark\.faults\((\d+)\)", source)}


def test_every_fault_is_tried() -> None:
    assert marked(SUITE) == set(FAULTS) == set(range(33))


def test_the_report_sums_up_what_readers_saw() -> None:
    SEEN.clear()
    assert lines() == []
    SEEN[0].add(Figures(runs=1, reads=1000))
    SEEN[18].add(Figures(runs=1, failed=1, reads=234, reader_errors=2, generations=3, rows_lost=4))
    report = lines()
    SEEN.clear()
    assert "disk full on PostgreSQL" in report[2]
    assert report[-1].split() == ["1", "of", "32", "faults", "2", "1", "1,234", "2", "3", "4"]
