"""The checks of `stir test`: what each runs, and which of them the user's words choose."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import takewhile
from pathlib import Path

from stir.cli.programs import CHROMIUM, RABBITMQ, SSHD, Program
from stir.errors import StirError
from stir.settings import PROJECT_DIR

SQL_FOLDERS = ("models", "macros", "tests/data")


@dataclass(frozen=True)
class Check:
    """One program of one kind of check; `arguments` are passed on to it when the user gives some.

    Attributes:
        wants: a variable of the environment without which it cannot run, and is reported as not run.
    """

    kind: str
    title: str
    command: tuple[str, ...]
    needs: tuple[Program, ...] = ()
    wants: str = ""

    @property
    def takes_arguments(self) -> bool:
        """Whether the user's further arguments are passed on to it."""
        return self.is_pytest or self in ON_DEMAND

    @property
    def is_pytest(self) -> bool:
        return "pytest" in self.command

    def owns(self, path: str) -> bool:
        """Whether it runs tests of this file or folder, a path from the project's root without `::test`."""
        ignored = [word.partition("=")[2] for word in self.command if word.startswith(("--ignore=", "--ignore-glob="))]
        return (
            self.is_pytest
            and any(path == own or path.startswith(f"{own}/") or own.startswith(f"{path}/") for own in self._paths())
            and not any(fnmatch(path, pattern) or path.startswith(f"{pattern}/") for pattern in ignored)
        )

    def given(self, arguments: Sequence[str]) -> list[str]:
        """Its command with the user's arguments; files that they name replace its own."""
        if not self.takes_arguments:
            return list(self.command)
        mine = [word for word in arguments if (path := _test_path(word)) is None or self.owns(path)]
        own = set(self._paths()) if any(_test_path(word) for word in arguments) else set()
        return [*(word for word in self.command if word not in own), *mine]

    def _paths(self) -> list[str]:
        return [word for word in self.command if word.startswith("tests/")]


def _test_path(word: str) -> str | None:
    """The file or folder of tests that an argument names, from the project's root; None if it names none."""
    path = (Path.cwd() / word.partition("::")[0]).resolve()
    is_there = not word.startswith("-") and path.exists() and path.is_relative_to(PROJECT_DIR / "tests")
    return str(path.relative_to(PROJECT_DIR)) if is_there else None


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _pytest(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "--durations=8", *arguments)


def _found(pattern: str, but: str = "") -> list[str]:
    return sorted({str(path.relative_to(PROJECT_DIR)) for path in PROJECT_DIR.glob(pattern)} - {but})


_PUBLISH, _FAULTS, _AIRFLOW = "tests/integration/publish", "test_faults_*.py", "test_airflow*.py"
"""Long kinds are split into several checks, so that these can run in parallel."""
_APP, _INGEST = "tests/integration/app", "tests/integration/ingest"
_COLLECTOR, _AUTHENTICITY = "tests/integration/collector", "tests/integration/authenticity"
_RECOMPUTED = "tests/integration/recompute"
_PLANTED = tuple(
    f"tests/integration/dbt/test_{name}.py"
    for name in (
        "backfill",
        "contracts",
        "deliveries",
        "link_orders",
        "query_costs",
        "slim_build",
        "table_builds",
        "time_series",
    )
)
"""Tests of models on rows that they plant in a database or a server of their own: they need no warehouse."""
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
    Check("lint", "contracts", (sys.executable, "-m", "stir", "contracts", "--check")),
    Check(
        "lint",
        "sqlfluff",
        (sys.executable, "-m", "tests.sql_lint", "lint", "--processes", "2", "--disable-progress-bar", *SQL_FOLDERS),
    ),
    Check("unit", "unit tests", _pytest("tests/unit")),
    Check("dags", "DAG tests", _pytest("tests/dags")),
    Check("data", "dbt build on a test world", _pytest("tests/data", "-s")),
    Check(
        "integration",
        "integration tests",
        _pytest(
            "tests/integration",
            *(
                f"--ignore={path}"
                for path in (
                    _APP,
                    _INGEST,
                    _COLLECTOR,
                    _AUTHENTICITY,
                    _RECOMPUTED,
                    *_PLANTED,
                    *_found(f"{_PUBLISH}/test_*.py", but=_WAREHOUSE),
                )
            ),
        ),
    ),
    Check("integration", "models on planted rows", _pytest(*_PLANTED)),
    Check("integration", "ingest", _pytest(_INGEST), needs=(RABBITMQ,)),
    Check("integration", "collector and scorer", _pytest(_COLLECTOR, _AUTHENTICITY)),
    Check("integration", "application", _pytest(_APP), needs=(CHROMIUM,)),
    Check("integration", "recomputation", _pytest(_RECOMPUTED)),
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
        needs=(CHROMIUM, SSHD, RABBITMQ),
    ),
    # A platform as it is today: one question of each kind, a few units of the key's quota.
    Check("live", "YouTube itself", _pytest("tests/live"), wants="STIR_YOUTUBE_KEY"),
)
ON_DEMAND = (Check("mutations", "rules broken on purpose", (sys.executable, "-m", "tests.mutations")),)
"""Checks that run only on request and not in CI: they test the tests, not the product."""
KINDS = tuple(dict.fromkeys(check.kind for check in (*CHECKS, *ON_DEMAND)))
LANES = (
    ("unit tests", "DAG tests", "Airflow end to end"),
    ("dbt build on a test world", "integration tests"),
    ("ingest", "models on planted rows", "recomputation", "collector and scorer", "application"),
    (
        *(check.title for check in CHECKS if check.kind == "lint"),
        "publishing",
        "publishing under faults",
        "command line end to end",
        "YouTube itself",
    ),
)
"""Titles of checks that run one after the other on their own services. The lanes run in parallel, because integration
and end-to-end tests wait for more than half of their time."""


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
    if named := [path for word in rest if (path := _test_path(word))]:
        chosen = [check for check in chosen if any(check.owns(path) for path in named)]
        if strange := [path for path in named if not any(check.owns(path) for check in chosen)]:
            raise StirError(
                f"no check of {' '.join(kinds)} runs {', '.join(strange)}",
                do=f"name the kind that has it; kinds are {', '.join(KINDS)}",
            )
    return chosen, rest
