"""`stir test`: every check that CI runs, or one kind of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from stir.errors import StirError
from stir.settings import PROJECT_DIR, load_settings

TEST_CLOCK = "2026-06-15T00:00:00"
SQL_FOLDERS = ("models", "macros", "tests/data")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Check:
    """One program of one kind of check; `arguments` are passed on to it when the user gives some."""

    kind: str
    title: str
    command: tuple[str, ...]
    prepare: Callable[[], None] | None = None


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def install_chromium() -> None:
    """Make sure that a Chromium is there for the web UI tests: apt where we may, one line of advice where not.

    Raises:
        StirError: there is none, and it cannot be installed here.
    """
    if any(shutil.which(name) for name in CHROMIUM_NAMES):
        return
    advice = "install Chromium, for example `apt-get install chromium`"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise StirError("the web UI tests need Chromium and there is none on PATH", do=advice)
    print("stir: installing Chromium with apt-get for the web UI tests ...", file=sys.stderr)
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]):
        if subprocess.run(command, **quiet).returncode:  # type: ignore[call-overload]
            raise StirError(f"`{' '.join(command)}` failed", do=advice)


def _pytest(kind: str, *paths: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "--durations=8", *(paths or (f"tests/{kind}",)))


CHECKS = (
    Check("lint", "ruff check", (_tool("ruff"), "check", ".")),
    Check("lint", "ruff format", (_tool("ruff"), "format", "--check", ".")),
    Check("lint", "mypy", (_tool("mypy"),)),
    Check("lint", "sqlfluff", (_tool("sqlfluff"), "lint", "--processes", "2", "--disable-progress-bar", *SQL_FOLDERS)),
    Check("unit", "unit tests", _pytest("unit")),
    Check("dags", "DAG tests", _pytest("dags")),
    Check("data", "dbt build on a test world", _pytest("data", "tests/test_warehouse_build.py", "-s")),
    Check("integration", "integration tests", _pytest("integration")),
    Check("e2e", "end-to-end tests", _pytest("e2e"), install_chromium),
)
KINDS = tuple(dict.fromkeys(check.kind for check in CHECKS))
LANES = (("e2e",), ("lint", "unit", "dags", "data", "integration"))
"""Kinds that run one after the other on services of their own; the lanes run beside each other, for half of what
integration and end-to-end tests do is waiting."""


@dataclass(frozen=True)
class Result:
    """How a check ended."""

    check: Check
    code: int
    seconds: float


def own_environment(folder: str) -> dict[str, str]:
    """The environment of tests: state of their own in that folder, and nothing of the user's own servers."""
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
        "PYTHONUNBUFFERED": "1",  # whoever waits may follow the files in <state_dir>/checks
    }


def stop_services(variables: Mapping[str, str]) -> None:
    """Stop the services that run in such an environment."""
    subprocess.run(
        [sys.executable, "-m", "stir", "down"], env=variables, cwd=PROJECT_DIR, check=False, stdout=subprocess.DEVNULL
    )


class Run:
    """Checks in one lane or several: alone a check writes as it goes, beside others once it has ended."""

    def __init__(self, lanes: Sequence[Sequence[Check]], arguments: Sequence[str], keep: bool) -> None:
        self._lanes, self._arguments, self._keep = lanes, arguments, keep
        self._printing = threading.Lock()
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
            list(pool.map(self._run_lane, range(len(self._lanes))))

    def _run_lane(self, lane: int) -> None:
        variables = own_environment("test" if lane == 0 else f"test-{lane + 1}")
        state_dir = Path(variables["STIR_STATE_DIR"])
        if state_dir.exists():
            stop_services(variables)
            shutil.rmtree(state_dir)
        try:
            for check in self._lanes[lane]:
                self._run(check, variables)
        finally:
            if not self._keep:
                stop_services(variables)

    def _run(self, check: Check, variables: Mapping[str, str]) -> None:
        if check.prepare:
            check.prepare()
        began = self._under_way[check.title] = time.monotonic()
        command = [*check.command, *(self._arguments if "pytest" in check.command else ())]
        heading = f"\n── {check.kind}: {check.title} " + "─" * 40
        if len(self._lanes) == 1:
            print(heading, flush=True)
            code = subprocess.run(command, cwd=PROJECT_DIR, env=variables, check=False).returncode
        else:
            path = Path(variables["STIR_STATE_DIR"]) / "checks" / f"{check.title.replace(' ', '-')}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as output:
                code = subprocess.run(
                    command, cwd=PROJECT_DIR, env=variables, check=False, stdout=output, stderr=subprocess.STDOUT
                ).returncode
            with self._printing:
                print(heading, path.read_text(errors="replace"), sep="\n", flush=True)
        del self._under_way[check.title]
        self.results.append(Result(check, code, time.monotonic() - began))

    def _progress(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for title, began in list(self._under_way.items()):
            table.add_row(Spinner("dots"), title, f"{time.monotonic() - began:.0f} s")
        return table


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("kind", required=False, type=click.Choice(KINDS))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--keep", is_flag=True, help="Keep the test services and their data for a look afterwards.")
def test(kind: str | None, arguments: tuple[str, ...], keep: bool) -> int:
    """Run every check, or one KIND; further ARGUMENTS go to it, as in `./stir test integration -k publish`.

    Tests run against services of their own under `.stir/test`; nothing of yours is touched.
    """
    kinds = LANES if kind is None else ((kind,),)
    began = time.monotonic()
    run = Run([[check for check in CHECKS if check.kind in lane] for lane in kinds], arguments, keep)
    run()
    results = sorted(run.results, key=lambda result: CHECKS.index(result.check))
    table = Table(title="stir test", title_justify="left", show_footer=True)
    table.add_column("kind")
    table.add_column("check", "all")
    table.add_column("seconds", f"{time.monotonic() - began:.1f}", justify="right")
    table.add_column("result")
    for result in results:
        verdict = "[green]passed" if result.code == 0 else f"[red]failed ({result.code})"
        table.add_row(result.check.kind, result.check.title, f"{result.seconds:.1f}", verdict)
    Console().print(table)
    failed = [result.check.title for result in results if result.code]
    if failed:
        raise StirError(f"{len(failed)} of {len(results)} checks failed: {', '.join(failed)}")
    return 0
