"""The command line: every error is one line, and nothing heavy is imported before it is needed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.exceptions import NoArgsIsHelpError

from stir.cli import main
from stir.cli.quarantine import quarantine
from stir.errors import StirError

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"


def _stir(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stir", *arguments],
        env={**os.environ, "PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unknown_command_gives_one_line_with_the_nearest_name() -> None:
    done = _stir("demoo")

    assert done.returncode == 1
    assert done.stderr == "stir: there is no command 'demoo'; did you mean `./stir demo`?\n"
    assert done.stdout == ""


def test_wrong_usage_gives_one_line_and_exit_code_2() -> None:
    done = _stir("demo", "--creators", "many")

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "'many' is not a valid int" in done.stderr


@pytest.mark.parametrize("arguments", [["announce", "board", "--notice", "-5"], ["score", "run", "--workers", "0"]])
def test_a_number_that_makes_no_sense_is_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(click.BadParameter, match="is not in the range"):
        main.stir.main(arguments, standalone_mode=False)


def test_every_command_in_the_table_can_be_loaded() -> None:
    context = click.Context(main.stir)

    assert all(main.stir.get_command(context, name) for name in main.COMMANDS)


def test_help_takes_the_summary_of_each_command_from_its_docstring() -> None:
    context = click.Context(main.stir)
    for name, definition in main.COMMANDS.items():
        command = main.stir.get_command(context, name)
        assert command is not None
        words = " ".join((command.help or "").split())
        summary = main.summary(definition)
        assert 20 < len(summary) <= 115, (name, summary)
        assert words.lower().startswith(summary.lower()), name
        assert not summary.endswith("."), name


def test_help_imports_no_driver() -> None:
    code = (
        "import sys; from stir.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'dbt', 'airflow', 'psycopg', 'boto3', 'clickhouse_connect', 'polars'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"


INTERRUPTS_ITSELF = "import os, signal; os.kill(os.getpid(), signal.SIGINT)\n"


def test_an_interrupt_while_modules_are_imported_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text(INTERRUPTS_ITSELF)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "stir", "--help"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{PLUGINS}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == main.INTERRUPTED
    assert done.stderr == "stir: interrupted; run the same command again to go on\n"


def test_an_interrupt_after_the_work_is_done_changes_nothing() -> None:
    code = (
        "import atexit; from stir.cli.main import main\n"
        f"atexit.register(lambda: exec({INTERRUPTS_ITSELF!r}))\n"
        "main(['--version'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StirError("it broke", where="here", do="mend it"), "it broke (here); mend it"),
        (StirError("two\nlines"), "two lines"),
        (OSError(errno.ENOSPC, "No space left on device", "a.tsv"), "the disk is full (a.tsv); free some space"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "/dev/null/x"), "/dev/null/x: not a directory; correct"),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "a: permission denied; correct the path or its"),
        (NoArgsIsHelpError(click.Context(quarantine)), "name one of its commands: discard, edit, forget"),
        (ValueError("odd\nsecond line"), "unexpected ValueError: odd; run again with --debug"),
    ],
)
def test_an_error_is_described_in_one_line(error: Exception, expected: str) -> None:
    line = main.describe(error)

    assert line.startswith(expected)
    assert "\n" not in line


def test_debug_is_ours_before_dbt_and_dbts_after_it() -> None:
    assert main._split_debug(["demo", "--debug"]) == (True, ["demo"])
    assert main._split_debug(["dbt", "--debug", "run"]) == (False, ["dbt", "--debug", "run"])
    assert main._split_debug(["--debug", "dbt", "run"]) == (True, ["dbt", "run"])


def test_an_interrupt_inside_generated_code_gives_130_too(tmp_path: Path) -> None:
    # The interpreter notes such an interrupt and would end `python -m` by the signal, whoever caught it.
    (tmp_path / "interrupted.py").write_text(
        "from stir.cli import main\n"
        f"main.stir.main = lambda **_: exec({INTERRUPTS_ITSELF!r} + 'while True: pass')\n"
        "main.main(['--version'])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-m", "interrupted"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{PLUGINS}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == main.INTERRUPTED
