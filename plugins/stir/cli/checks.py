"""`stir test`: runs every check that CI runs, or one kind of checks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from stir.cli.check_list import CHECKS, KINDS, LANES, ON_DEMAND, QUEUE, Check, choose
from stir.cli.children import ignore_interrupts, run_child
from stir.errors import StirError
from stir.local.machine.layout import file_lock
from stir.settings import PROJECT_DIR, load_settings

TEST_CLOCK = "2026-06-15T00:00:00"
LAST_WORDS = 6_000
"""Characters of a failed check's output that are shown again at the end."""
NOT_RUN = -1
"""Instead of an exit code: what the check wants was not there. Neither a pass nor a failure."""
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
        if self.code == NOT_RUN:
            return f"[yellow]not run: {self.check.wants} is not set"
        return {0: "[green]passed", NOTHING_CHOSEN: "[dim]none chosen"}.get(self.code, f"[red]failed ({self.code})")


def failures(results: Sequence[Result]) -> list[str]:
    """Titles of the checks that failed. If no check had a test to run, all have failed."""
    good = {0, NOT_RUN} if all(result.code == NOTHING_CHOSEN for result in results) else {0, NOT_RUN, NOTHING_CHOSEN}
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
        "PYTHONUNBUFFERED": "1",  # so that the files in <state_dir>/test-checks can be followed
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
    """Runs checks: in one lane after another on the same services, or from a queue in several lanes.

    In one lane a check writes directly. In several it has services of its own, because what ran before it in its lane
    differs from run to run, and it writes when it has ended.
    """

    def __init__(self, checks: Sequence[Check], lanes: int, arguments: Sequence[str], keep: bool) -> None:
        self._queue, self._lanes, self._arguments, self._keep = deque(checks), lanes, arguments, keep
        self._printing = threading.Lock()
        self._interrupted = threading.Event()
        self._under_way: dict[str, float] = {}
        self.results: list[Result] = []

    def __call__(self) -> None:
        """Run every check."""
        if self._lanes == 1:
            with self._services("test") as variables:
                for check in self._queue:
                    self._run(check, variables)
            return
        with (
            Live(get_renderable=self._progress, console=Console(stderr=True), transient=True),
            ThreadPoolExecutor(self._lanes) as pool,
        ):
            try:
                list(pool.map(self._work, range(self._lanes)))
            except BaseException:
                self._interrupted.set()  # the other lanes end their checks and start no further one
                ignore_interrupts()
                raise

    def _work(self, lane: int) -> None:
        """Take checks until none is left."""
        while not self._interrupted.is_set():
            try:
                check = self._queue.popleft()
            except IndexError:
                return
            with self._services(f"test-{check.slug}", check) as variables:
                self._run(check, variables)

    @contextmanager
    def _services(self, folder: str, only: Check | None = None) -> Iterator[dict[str, str]]:
        """The environment of tests in an empty state folder, whose services are stopped at the end.

        Those of a single check that has not failed are not kept: of a whole run they would fill the memory.
        """
        variables = own_environment(folder)
        state_dir = Path(variables["STIR_STATE_DIR"])
        if state_dir.exists():
            stop_services(variables)
            shutil.rmtree(state_dir)
        try:
            yield variables
        finally:
            of_interest = only is None or only.title in failures(self.results)
            if state_dir.exists() and not (self._keep and of_interest):
                stop_services(variables)

    def _run(self, check: Check, variables: Mapping[str, str]) -> None:
        if check.wants:
            if not os.environ.get(check.wants):
                self.results.append(Result(check, NOT_RUN, 0.0))
                return
            variables = {**variables, check.wants: os.environ[check.wants]}
        for program in check.needs:
            program.ensure()
        began = self._under_way[check.title] = time.monotonic()
        command = check.given(self._arguments)
        path = None
        heading = f"\n── {check.kind}: {check.title} " + "─" * 40
        if self._lanes == 1:
            print(heading, flush=True)
            code = run_child(command, variables, folder=PROJECT_DIR)
        else:
            path = load_settings().state_dir / "test-checks" / f"{check.slug}.txt"
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
@click.option("--keep", is_flag=True, help="Keep the test services; of a whole run, those of failed checks.")
@click.option("--long", is_flag=True, help="Also the tests that show once more what others show.")
def test(kind: str | None, arguments: tuple[str, ...], keep: bool, long: bool) -> int:
    """Run every check, or those of one KIND or several. Further ARGUMENTS go to pytest: `./stir test unit dags -x`.

    A file or folder among them, as in `./stir test integration tests/integration/publish/test_swap.py`, chooses the
    checks that it belongs to, and they run nothing else.

    Tests use their own services under `.stir/test*` and do not touch yours. `mutations` runs only if you name it: it
    breaks rules on purpose and counts how many of them a test notices.
    """
    if long:
        arguments = (*arguments, "--long")
    if kind is None:
        by_title = {check.title: check for check in CHECKS}
        run = Run([by_title[title] for title in QUEUE], LANES, arguments, keep)
    else:
        chosen, rest = choose(kind, arguments)
        run = Run(chosen, 1, rest, keep)
    began = time.monotonic()
    # A second run would remove the state that the first one stands on.
    with file_lock(load_settings().state_dir / "test.lock", 0, "the tests of this checkout"):
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
