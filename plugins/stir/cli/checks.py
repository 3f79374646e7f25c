"""`stir test`: every check that CI runs, or one kind of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
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
    return (sys.executable, "-m", "pytest", *(paths or (f"tests/{kind}",)))


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


def _test_environment() -> dict[str, str]:
    """The environment of a test run: state of its own, and nothing of the user's own servers."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("STIR_")}
    state_dir = load_settings().state_dir / "test"
    kept = {name: os.environ[name] for name in ("STIR_VENV", "STIR_CACHE_DIR") if name in os.environ}
    return {
        **own,
        **kept,
        "STIR_STATE_DIR": str(state_dir),
        "STIR_ENV_FILE": os.devnull,
        "STIR_AS_OF": TEST_CLOCK,
        "STIR_TEST_RUN": "1",
        "RUFF_NO_CACHE": "true",
    }


def _stop_services(variables: Mapping[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "stir", "down"], env=variables, cwd=PROJECT_DIR, check=False, stdout=subprocess.DEVNULL
    )


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("kind", required=False, type=click.Choice(KINDS))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--keep", is_flag=True, help="Keep the test services and their data for a look afterwards.")
def test(kind: str | None, arguments: tuple[str, ...], keep: bool) -> int:
    """Run every check, or one KIND; further ARGUMENTS go to it, as in `./stir test integration -k publish`.

    Tests run against services of their own in `.stir/test`; nothing of yours is touched.
    """
    variables = _test_environment()
    state_dir = Path(variables["STIR_STATE_DIR"])
    if state_dir.exists():
        _stop_services(variables)
        shutil.rmtree(state_dir)
    results: list[tuple[Check, int, float]] = []
    try:
        for check in (check for check in CHECKS if kind in (None, check.kind)):
            if check.prepare:
                check.prepare()
            print(f"\n── {check.kind}: {check.title} ", "─" * 40, flush=True)
            started = time.monotonic()
            extra = arguments if "pytest" in check.command else ()
            code = subprocess.run([*check.command, *extra], cwd=PROJECT_DIR, env=variables, check=False).returncode
            results.append((check, code, time.monotonic() - started))
    finally:
        if not keep:
            _stop_services(variables)
    table = Table(title="stir test", title_justify="left")
    table.add_column("kind")
    table.add_column("check")
    table.add_column("seconds", justify="right")
    table.add_column("result")
    for check, code, seconds in results:
        table.add_row(
            check.kind, check.title, f"{seconds:.1f}", "[green]passed" if code == 0 else f"[red]failed ({code})"
        )
    Console().print(table)
    failed = [check.title for check, code, _ in results if code]
    if failed:
        raise StirError(f"{len(failed)} of {len(results)} checks failed: {', '.join(failed)}")
    return 0
