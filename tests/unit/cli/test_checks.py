"""`stir test`: every test is run, once, whichever lane takes its check."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from stir.cli.check_list import CHECKS, QUEUE, Check, choose
from stir.cli.checks import LAST_WORDS, NOT_RUN, NOTHING_CHOSEN, Result, Run, failures, repeat_ends
from stir.cli.checks import test as command
from stir.errors import StirError
from stir.local.machine.layout import file_lock
from stir.local.machine.process import wait_until
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
        str(path.relative_to(PROJECT_DIR))
        for path in found
        if not any(fnmatch(str(path), each) or Path(each) in path.parents for each in patterns)
    ]


def test_every_test_file_is_run_by_one_check() -> None:
    run = Counter(name for check in PYTEST for name in files(check))
    tests = PROJECT_DIR / "tests"
    there = {str(path.relative_to(PROJECT_DIR)) for path in tests.rglob("test_*.py")}
    on_demand = {str(path.relative_to(PROJECT_DIR)) for path in (tests / "chaos").glob("test_*.py")}  # `./stir chaos`
    assert run == dict.fromkeys(there - on_demand, 1)


@pytest.mark.parametrize("check", PYTEST, ids=lambda check: check.title)
def test_no_check_is_empty(check: Check) -> None:
    assert files(check)


def test_every_check_is_taken_once_and_the_shared_warehouse_is_built_first() -> None:
    assert Counter(QUEUE) == {check.title: 1 for check in CHECKS}
    assert next(check.kind for check in CHECKS if check.title == QUEUE[0]) == "data"


def test_every_check_has_a_folder_of_its_own() -> None:
    assert len({check.slug for check in CHECKS}) == len(CHECKS)
    assert all(re.fullmatch(r"[a-z0-9-]+", check.slug) for check in CHECKS)


def test_several_kinds_are_run_and_what_follows_them_is_for_pytest() -> None:
    chosen, rest = choose("lint", ["unit", "-k", "publish"])
    assert {check.kind for check in chosen} == {"lint", "unit"}
    assert rest == ["-k", "publish"]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("tests/integration/publish/test_swap.py", "publishing"),
        ("tests/integration/publish/test_swap.py::test_a", "publishing"),
        ("tests/integration/publish/test_faults_s3.py", "publishing under faults"),
        ("tests/integration/publish/test_warehouse.py", "models on the warehouse"),
        ("tests/integration/dbt/test_cleaning.py", "models on the warehouse"),
        ("tests/integration/services/test_life.py", "integration tests"),
        ("tests/integration/dbt/test_deliveries.py", "models on planted rows"),
        ("tests/integration/recompute", "recomputation"),
        ("tests/integration/ingest/test_sink.py", "ingest"),
        ("tests/integration/app", "application"),
    ],
)
def test_a_file_chooses_the_check_that_runs_it_and_is_all_that_it_runs(path: str, title: str) -> None:
    [check], rest = choose("integration", [path, "-x"])

    assert check.title == title
    command = check.given(rest)
    assert [word for word in command if word.startswith("tests/")] == [path]
    assert command[-1] == "-x"


@pytest.mark.parametrize("check", PYTEST, ids=lambda check: check.title)
def test_a_check_owns_the_files_that_it_runs_and_no_other(check: Check) -> None:
    there = {str(path.relative_to(PROJECT_DIR)) for path in (PROJECT_DIR / "tests").rglob("test_*.py")}

    assert {path for path in there if check.owns(path)} == set(files(check))


def test_a_file_of_another_kind_is_refused_and_not_passed_by() -> None:
    with pytest.raises(StirError, match=r"no check of integration runs tests/unit/cli/test_checks\.py"):
        choose("integration", ["tests/unit/cli/test_checks.py"])


def test_a_folder_of_several_checks_chooses_each_of_them() -> None:
    chosen, _ = choose("integration", ["tests/integration/publish"])

    assert [check.title for check in chosen] == ["models on the warehouse", "publishing", "publishing under faults"]


def test_arguments_that_no_check_takes_are_not_ignored() -> None:
    with pytest.raises(StirError, match="lint takes no arguments, but was given units"):
        choose("lint", ["units"])


@pytest.mark.parametrize("words", [["--long"], ["unit", "--long"], ["--long", "unit"]])
def test_long_tests_are_asked_of_all_checks_or_of_those_that_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str]
) -> None:
    """Each check writes down what it was started with."""
    monkeypatch.setenv("STIR_STATE_DIR", str(tmp_path))
    note = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(' '.join(sys.argv[2:]))"
    checks = [
        Check(kind, kind, (sys.executable, "-c", note, str(tmp_path / kind), *passed))
        for kind, passed in (("unit", ("pytest",)), ("e2e", ("pytest",)), ("lint", ()))
    ]
    monkeypatch.setattr("stir.cli.checks.CHECKS", checks)
    monkeypatch.setattr("stir.cli.check_list.CHECKS", checks)
    monkeypatch.setattr("stir.cli.checks.QUEUE", [check.title for check in checks])
    monkeypatch.setattr("stir.cli.checks.stop_services", lambda variables: None)

    done = CliRunner().invoke(command, words, catch_exceptions=False, standalone_mode=False)

    ran = {check.kind: (tmp_path / check.kind).read_text() for check in checks if (tmp_path / check.kind).exists()}
    assert done.return_value == 0
    assert ran == (
        {"unit": "pytest --long"} if "unit" in words else {"unit": "pytest --long", "e2e": "pytest --long", "lint": ""}
    )


def test_a_check_without_a_chosen_test_is_no_failure_beside_one_that_has_some() -> None:
    first, second, *_ = (check for check in CHECKS if check.kind == "e2e")
    assert failures([Result(first, 0, 1), Result(second, NOTHING_CHOSEN, 1)]) == []
    assert failures([Result(first, 1, 1), Result(second, NOTHING_CHOSEN, 1)]) == [first.title]
    assert failures([Result(first, NOTHING_CHOSEN, 1), Result(second, NOTHING_CHOSEN, 1)]) == [
        first.title,
        second.title,
    ]


def test_the_end_of_a_long_output_is_shown_once_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    isolated, beside = CHECKS[0], CHECKS[-1]
    output = tmp_path / "output.txt"
    output.write_text("the beginning" + "." * LAST_WORDS + "FAILED tests/test_one.py")
    repeat_ends([Result(isolated, 1, 1), Result(beside, 1, 1, output)])
    shown = capsys.readouterr().out
    assert shown.rstrip().endswith("FAILED tests/test_one.py")
    assert beside.title in shown
    assert "the beginning" not in shown
    assert isolated.title not in shown


SLOW = """
import os, pathlib, subprocess, sys, time
helper = subprocess.Popen(['sleep', '600'])
note = pathlib.Path(sys.argv[1])
note.write_text(f'{os.getpid()} {helper.pid}')
try:
    time.sleep(600)
except KeyboardInterrupt:
    note.with_suffix('.tidied').touch()
    sys.exit(2)
"""
"""A check that takes long and has a process of its own, which it leaves when it is interrupted."""

STIR_TEST = """
import json, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored, and stir leaves it so
from stir.cli import checks, main
checks.LANES, checks.QUEUE, slow, folder = json.loads(sys.argv[1])
checks.CHECKS = [
    checks.Check('unit', title, (sys.executable, '-c', slow, f'{folder}/{title}')) for title in checks.QUEUE
]
main.main(['test'])
"""


@pytest.mark.parametrize(
    ("number", "lanes"),
    [
        (signal.SIGINT, 2),
        (signal.SIGTERM, 1),
        # Each signal with each number of lanes has the same handler.
        pytest.param(signal.SIGHUP, 2, marks=pytest.mark.long),
        pytest.param(signal.SIGHUP, 1, marks=pytest.mark.long),
        pytest.param(signal.SIGINT, 1, marks=pytest.mark.long),
        pytest.param(signal.SIGTERM, 2, marks=pytest.mark.long),
    ],
)
def test_ctrl_c_ends_every_lane_with_one_line_and_leaves_nothing_running(
    tmp_path: Path, lanes: int, number: signal.Signals
) -> None:
    """The signal reaches stir alone, as from `kill`; the terminal's own comes to the same, for a check has a session of
    its own."""
    running = subprocess.Popen(
        [sys.executable, "-P", "-c", STIR_TEST, json.dumps([lanes, "abc", SLOW, str(tmp_path)])],
        env={**os.environ, "PYTHONPATH": str(PROJECT_DIR / "plugins"), "STIR_STATE_DIR": str(tmp_path / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    begun = [tmp_path / title for title in "abc"[:lanes]]
    assert wait_until(
        lambda: all(path.exists() and " " in path.read_text() for path in begun),
        seconds=600,
        give_up=lambda: running.poll() is not None,
    ), running.communicate()
    processes = [psutil.Process(int(pid)) for path in begun for pid in path.read_text().split()]

    os.killpg(running.pid, number)
    _, said = running.communicate(timeout=600)

    assert (running.returncode, said.strip()) == (130, "stir: interrupted; run the same command again to go on")
    assert all((tmp_path / f"{path.name}.tidied").exists() for path in begun)
    assert not any((tmp_path / title).exists() for title in "abc"[lanes:])
    # Killed by then, but a busy machine takes a moment to end them.
    assert wait_until(lambda: not any(map(_runs, processes)), seconds=60, give_up=lambda: False), processes


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_second_run_of_a_checkout_is_refused_and_leaves_the_first_ones_state(tmp_path: Path) -> None:
    """It removed the state of the first one, whose servers and tests then failed in ways that said nothing of it."""
    state = tmp_path / "state"
    (state / "test").mkdir(parents=True)
    done = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()"
    with file_lock(state / "test.lock", 0, "the tests"):
        second = subprocess.run(
            [sys.executable, "-P", "-c", STIR_TEST, json.dumps([1, "a", done, str(tmp_path)])],
            env={**os.environ, "PYTHONPATH": str(PROJECT_DIR / "plugins"), "STIR_STATE_DIR": str(state)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert second.returncode == 1
    assert second.stderr == (
        f"stir: another stir command has been working on the tests of this checkout ({state}/test.lock); "
        "wait for it or end it, then try again\n"
    )
    assert (state / "test").exists()
    assert not (tmp_path / "a").exists()


def test_a_check_that_lacks_what_it_wants_is_reported_as_not_run_and_is_no_pass(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("STIR_A_KEY", raising=False)
    monkeypatch.setenv("STIR_STATE_DIR", str(tmp_path))
    check = Check(
        "live", "a platform", (sys.executable, "-c", "import os; os.environ['STIR_A_KEY']"), wants="STIR_A_KEY"
    )

    without = Run([check], 1, [], keep=True)
    without()
    monkeypatch.setenv("STIR_A_KEY", "a")
    present = Run([check], 1, [], keep=True)
    present()

    assert [(each.code, each.verdict) for each in without.results] == [
        (NOT_RUN, "[yellow]not run: STIR_A_KEY is not set")
    ]
    assert failures(without.results) == []
    assert [each.code for each in present.results] == [0], "the program has the variable"


@pytest.mark.parametrize("passes", [True, False])
def test_every_check_has_empty_services_and_those_that_failed_can_be_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, passes: bool
) -> None:
    """A folder `noted` stands for the services: a check finds none of another's, nor of an earlier run's."""
    monkeypatch.setenv("STIR_STATE_DIR", str(tmp_path))
    note = f"import os, sys; os.makedirs(os.environ['STIR_STATE_DIR'] + '/noted'); sys.exit({0 if passes else 1})"
    checks = [Check("unit", title, (sys.executable, "-c", note)) for title in ("A a", "B", "C")]
    stopped: list[str] = []
    monkeypatch.setattr("stir.cli.checks.stop_services", lambda variables: stopped.append(variables["STIR_STATE_DIR"]))

    for _ in range(2):
        run = Run(checks, 2, [], keep=True)
        run()
        assert sorted((each.check.title, each.code) for each in run.results) == [
            (check.title, 0 if passes else 1) for check in checks
        ]

    folders = [str(tmp_path / f"test-{slug}") for slug in ("a-a", "b", "c")]
    # Each is stopped before its folder is removed, and after it has passed.
    assert sorted(stopped) == sorted(3 * folders if passes else folders)
    assert sorted(path.name for path in (tmp_path / "test-checks").iterdir()) == ["a-a.txt", "b.txt", "c.txt"]
