"""`stir test`: every test is run, once, whichever way the checks are cut into lanes."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest

from stir.cli.checks import CHECKS, LANES, LAST_WORDS, NOTHING_CHOSEN, Check, Result, choose, failures, repeat_ends
from stir.errors import StirError
from stir.settings import PROJECT_DIR

PYTEST = [check for check in CHECKS if "pytest" in check.command]


def files(check: Check) -> list[str]:
    """The test files that pytest collects for a check."""
    arguments = check.command[check.command.index("pytest") + 1 :]
    ignored = [argument.partition("=")[2] for argument in arguments if argument.startswith("--ignore")]
    found: list[Path] = []
    for argument in [argument for argument in arguments if not argument.startswith("--")]:
        path = PROJECT_DIR / argument
        found += path.rglob("test_*.py") if path.is_dir() else [path] if path.suffix == ".py" else []
    # pytest takes a pattern for a path that begins where it was started.
    patterns = [str(PROJECT_DIR / pattern) for pattern in ignored]
    return [
        str(path.relative_to(PROJECT_DIR)) for path in found if not any(fnmatch(str(path), each) for each in patterns)
    ]


def test_every_test_file_is_run_by_one_check() -> None:
    run = Counter(name for check in PYTEST for name in files(check))
    there = {str(path.relative_to(PROJECT_DIR)) for path in (PROJECT_DIR / "tests").rglob("test_*.py")}
    assert run == dict.fromkeys(there, 1)


@pytest.mark.parametrize("check", PYTEST, ids=lambda check: check.title)
def test_no_check_is_empty(check: Check) -> None:
    assert files(check)


def test_every_check_is_in_one_lane() -> None:
    assert Counter(title for lane in LANES for title in lane) == {check.title: 1 for check in CHECKS}


def test_several_kinds_are_run_and_what_follows_them_is_for_pytest() -> None:
    chosen, rest = choose("lint", ["unit", "-k", "publish"])
    assert {check.kind for check in chosen} == {"lint", "unit"}
    assert rest == ["-k", "publish"]


def test_arguments_that_no_check_takes_are_not_ignored() -> None:
    with pytest.raises(StirError, match="lint takes no arguments, and was given units"):
        choose("lint", ["units"])


def test_a_check_without_a_chosen_test_is_no_failure_beside_one_that_has_some() -> None:
    first, second = (check for check in CHECKS if check.kind == "e2e")
    assert failures([Result(first, 0, 1), Result(second, NOTHING_CHOSEN, 1)]) == []
    assert failures([Result(first, 1, 1), Result(second, NOTHING_CHOSEN, 1)]) == [first.title]
    assert failures([Result(first, NOTHING_CHOSEN, 1), Result(second, NOTHING_CHOSEN, 1)]) == [
        first.title,
        second.title,
    ]


def test_the_end_of_a_long_output_is_shown_once_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone, beside = CHECKS[0], CHECKS[-1]
    output = tmp_path / "output.txt"
    output.write_text("the beginning" + "." * LAST_WORDS + "FAILED tests/test_one.py")
    repeat_ends([Result(alone, 1, 1), Result(beside, 1, 1, output)])
    shown = capsys.readouterr().out
    assert shown.rstrip().endswith("FAILED tests/test_one.py")
    assert beside.title in shown
    assert "the beginning" not in shown
    assert alone.title not in shown
