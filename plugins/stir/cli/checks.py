"""`stir test`: runs every check that CI runs, or one kind of checks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from stir.cli.children import ignore_interrupts, run_child
from stir.cli.programs import CHROMIUM, SSHD, Program
from stir.errors import StirError
from stir.settings import PROJECT_DIR, load_settings

TEST_CLOCK = "2026-06-15T00:00:00"
SQL_FOLDERS = ("models", "macros", "tests/data")


@dataclass(frozen=True)
class Check:
    """One program of one kind of check; `arguments` are passed on to it when the user gives some."""

    kind: str
    title: str
    command: tuple[str, ...]
    needs: tuple[Program, ...] = ()

    @property
    def takes_arguments(self) -> bool:
        """Whether the user's further arguments are passed on to it."""
        return "pytest" in self.command or self in ON_DEMAND


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _pytest(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "--durations=8", *arguments)


def _found(pattern: str, but: str = "") -> list[str]:
    return sorted({str(path.relative_to(PROJECT_DIR)) for path in PROJECT_DIR.glob(pattern)} - {but})


_PUBLISH, _FAULTS, _AIRFLOW = "tests/integration/publish", "test_faults_*.py", "test_airflow*.py"
"""Long kinds are split into several checks, so that these can run in parallel."""
_WAREHOUSE = f"{_PUBLISH}/test_warehouse.py"
"""The only test of publishing that needs the built warehouse, as other integration tests do."""


CHECKS = (
    Check("lint", "ruff check", (_tool("ruff"), "check", ".")),
    Check("lint", "ruff format", (_tool("ruff"), "format", "--check", ".")),
    Check("lint", "mypy", (_tool("mypy"),)),
    Check("lint", "import-linter", (_tool("lint-imports"),)),
    Check("lint", "codespell", (_tool("codespell"),)),
    Check("lint", "wording", (sys.executable, "-m", "tests.wording")),
    Check("lint", "yamllint", (_tool("yamllint"), "--strict", ".")),
    Check("lint", "sqlfluff", (_tool("sqlfluff"), "lint", "--processes", "2", "--disable-progress-bar", *SQL_FOLDERS)),
    Check("unit", "unit tests", _pytest("tests/unit")),
    Check("dags", "DAG tests", _pytest("tests/dags")),
    Check("data", "dbt build on a test world", _pytest("tests/data", "-s")),
    Check(
        "integration",
        "integration tests",
        _pytest("tests/integration", *(f"--ignore={path}" for path in _found(f"{_PUBLISH}/test_*.py", but=_WAREHOUSE))),
        needs=(CHROMIUM,),
    ),
    Check(
        "integration",
        "publishing",
        _pytest(_PUBLISH, f"--ignore={_WAREHOUSE}", f"--ignore-glob=*/{_FAULTS}"),
        needs=(SSHD,),
    ),
    Check("integration", "publishing under faults", _pytest(*_found(f"{_PUBLISH}/{_FAULTS}")), needs=(SSHD,)),
    Check("e2e", "Airflow end to end", _pytest(*_found(f"tests/e2e/{_AIRFLOW}")), needs=(CHROMIUM,)),
    Check(
        "e2e",
        "command line end to end",
        _pytest("tests/e2e", f"--ignore-glob=*/{_AIRFLOW}"),
        needs=(CHROMIUM, SSHD),
    ),
)
ON_DEMAND = (Check("mutations", "rules broken on purpose", (sys.executable, "-m", "tests.mutations")),)
"""Checks that run only on request and not in CI: they test the tests, not the product."""
KINDS = tuple(dict.fromkeys(check.kind for check in (*CHECKS, *ON_DEMAND)))
LANES = (
    ("Airflow end to end",),
    ("dbt build on a test world", "integration tests"),
    (
        *(check.title for check in CHECKS if check.kind == "lint"),
        "unit tests",
        "DAG tests",
        "publishing",
        "publishing under faults",
        "command line end to end",
    ),
)
"""Titles of checks that run one after the other on their own services. The lanes run in parallel, because integration
and end-to-end tests wait for more than half of their time."""
LAST_WORDS = 6_000
"""Characters of a failed check's output that are shown again at the end."""
NOTHING_CHOSEN = 5
"""pytest's exit code if the arguments choose no test. It is no failure if another check of the kind has some."""


@dataclass(frozen=True)
class Result:
    """How a check ended. `output` is the file with its output, if it ran in parallel to others."""

    check: Check
    code: int
    seconds: float
    output: Path | None = None

    @property
    def verdict(self) -> str:
        """The result for the table."""
        return {0: "[green]passed", NOTHING_CHOSEN: "[dim]none chosen"}.get(self.code, f"[red]failed ({self.code})")


def choose(kind: str, arguments: Sequence[str]) -> tuple[list[Check], list[str]]:
    """The checks of this kind and of further kinds at the start of the arguments; and the rest, for pytest.

    Raises:
        StirError: arguments are left, but no chosen check takes any.
    """
    kinds = [kind, *takewhile(KINDS.__contains__, arguments)]
    rest = list(arguments[len(kinds) - 1 :])
    chosen = [check for check in (*CHECKS, *ON_DEMAND) if check.kind in kinds]
    if rest and not any(check.takes_arguments for check in chosen):
        raise StirError(
            f"{kind} takes no arguments, but was given {' '.join(rest)}", do=f"kinds are {', '.join(KINDS)}"
        )
    return chosen, rest


def failures(results: Sequence[Result]) -> list[str]:
    """Titles of the checks that failed. If no check had a test to run, all have failed."""
    good = {0} if all(result.code == NOTHING_CHOSEN for result in results) else {0, NOTHING_CHOSEN}
    return [result.check.title for result in results if result.code not in good]


def repeat_ends(results: Iterable[Result]) -> None:
    """Print the end of these outputs again, because the output of other checks follows the first print."""
    for result in results:
        if result.output:
            print(f"\n── the end of {result.check.title} " + "─" * 40)
            print(result.output.read_text(errors="replace")[-LAST_WORDS:], flush=True)


def own_environment(folder: str) -> dict[str, str]:
    """The environment of tests: its own state in that folder, and none of the user's servers."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("STIR_")}
    kept = {name: os.environ[name] for name in ("STIR_VENV", "STIR_CACHE_DIR") if name in os.environ}
    return {
        **own,
        **kept,
        "STIR_STATE_DIR": str(load_settings().state_dir / folder),
        "STIR_ENV_FILE": os.devnull,
        "STIR_AS_OF": TEST_CLOCK,
        "STIR_TEST_RUN": "1",
        "RUFF_NO_CACHE": "true",
        "PYTHONUNBUFFERED": "1",  # so that the files in <state_dir>/checks can be followed
    }


def stop_services(variables: Mapping[str, str]) -> None:
    """Stop the services of such an environment."""
    subprocess.run(
        [sys.executable, "-m", "stir", "down"],
        env=variables,
        cwd=PROJECT_DIR,
        check=False,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # a second Ctrl-C must not end it
    )


class Run:
    """Runs checks in one lane or several. In one lane a check writes directly, in several when it has ended."""

    def __init__(self, lanes: Sequence[Sequence[Check]], arguments: Sequence[str], keep: bool) -> None:
        self._lanes, self._arguments, self._keep = lanes, arguments, keep
        self._printing = threading.Lock()
        self._interrupted = threading.Event()
        self._under_way: dict[str, float] = {}
        self.results: list[Result] = []

    def __call__(self) -> None:
        """Run every lane to its end."""
        if len(self._lanes) == 1:
            self._run_lane(0)
            return
        with (
            Live(get_renderable=self._progress, console=Console(stderr=True), transient=True),
            ThreadPoolExecutor(len(self._lanes)) as pool,
        ):
            try:
                list(pool.map(self._run_lane, range(len(self._lanes))))
            except BaseException:
                self._interrupted.set()  # the other lanes end their checks and start no further one
                ignore_interrupts()
                raise

    def _run_lane(self, lane: int) -> None:
        variables = own_environment("test" if lane == 0 else f"test-{lane + 1}")
        state_dir = Path(variables["STIR_STATE_DIR"])
        if state_dir.exists():
            stop_services(variables)
            shutil.rmtree(state_dir)
        try:
            for check in self._lanes[lane]:
                if not self._interrupted.is_set():
                    self._run(check, variables)
        finally:
            if not self._keep:
                stop_services(variables)

    def _run(self, check: Check, variables: Mapping[str, str]) -> None:
        for program in check.needs:
            program.ensure()
        began = self._under_way[check.title] = time.monotonic()
        command = [*check.command, *(self._arguments if check.takes_arguments else ())]
        path = None
        heading = f"\n── {check.kind}: {check.title} " + "─" * 40
        if len(self._lanes) == 1:
            print(heading, flush=True)
            code = run_child(command, variables, folder=PROJECT_DIR)
        else:
            path = Path(variables["STIR_STATE_DIR"]) / "checks" / f"{check.title.replace(' ', '-')}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as output:
                code = run_child(
                    command,
                    variables,
                    folder=PROJECT_DIR,
                    stop=self._interrupted,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            with self._printing:
                print(heading, path.read_text(errors="replace"), sep="\n", flush=True)
        del self._under_way[check.title]
        self.results.append(Result(check, code, time.monotonic() - began, path))

    def _progress(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for title, began in list(self._under_way.items()):
            table.add_row(Spinner("dots"), title, f"{time.monotonic() - began:.0f} s")
        return table


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("kind", required=False, type=click.Choice(KINDS))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--keep", is_flag=True, help="Keep the test services and their data for inspection.")
def test(kind: str | None, arguments: tuple[str, ...], keep: bool) -> int:
    """Run every check, or those of a KIND or several; further ARGUMENTS go to pytest, as in `./stir test unit dags -x`.

    Tests use their own services under `.stir/test` and do not touch yours. `mutations` runs only if you name it: it
    breaks rules on purpose and counts how many of them a test notices.
    """
    if kind is None:
        by_title = {check.title: check for check in CHECKS}
        lanes, rest = [[by_title[title] for title in lane] for lane in LANES], list(arguments)
    else:
        chosen, rest = choose(kind, arguments)
        lanes = [chosen]
    began = time.monotonic()
    run = Run(lanes, rest, keep)
    run()
    results = sorted(run.results, key=lambda result: (*CHECKS, *ON_DEMAND).index(result.check))
    table = Table(title="stir test", title_justify="left", show_footer=True)
    table.add_column("kind")
    table.add_column("check", "all")
    table.add_column("seconds", f"{time.monotonic() - began:.1f}", justify="right")
    table.add_column("result")
    for result in results:
        table.add_row(result.check.kind, result.check.title, f"{result.seconds:.1f}", result.verdict)
    failed = failures(results)
    repeat_ends(result for result in results if result.check.title in failed)
    Console().print(table)
    if failed:
        raise StirError(f"{len(failed)} of {len(results)} checks failed: {', '.join(failed)}")
    return 0
