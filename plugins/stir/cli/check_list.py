"""The checks of `stir test`: what each runs, and which of them the user's words choose."""

from __future__ import annotations

import re
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
    def slug(self) -> str:
        """Its title as a part of a file's name."""
        return "-".join(re.findall(r"[a-z0-9]+", self.title.lower()))

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


def _found(pattern: str) -> list[str]:
    return sorted(str(path.relative_to(PROJECT_DIR)) for path in PROJECT_DIR.glob(pattern))


def _without(*paths: str) -> list[str]:
    return [f"--ignore={path}" for path in paths]


_PUBLISH, _FAULTS = "tests/integration/publish", "test_faults_*.py"
"""Long kinds are split into several checks, so that these can run in parallel."""
_APP, _INGEST = "tests/integration/app", "tests/integration/ingest"
_COLLECTOR, _AUTHENTICITY = "tests/integration/collector", "tests/integration/authenticity"
_DBT, _RECOMPUTED = "tests/integration/dbt", "tests/integration/recompute"
_PLANTED = tuple(
    f"{_DBT}/test_{name}.py"
    for name in (
        "backfill",
        "contracts",
        "deliveries",
        "link_orders",
        "query_costs",
        "slim_build",
        "staging_safeguards",
        "table_builds",
        "time_series",
    )
)
"""Tests of models on rows that they plant in a database or a server of their own: they need no warehouse."""
_WAREHOUSE = f"{_PUBLISH}/test_warehouse.py"
"""The only test of publishing that needs the built warehouse, as tests of models do."""
_DEMO, _RECORDS = "tests/e2e/test_demo.py", "tests/e2e/test_real_records.py"


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
        _pytest("tests/integration", *_without(_DBT, _APP, _INGEST, _COLLECTOR, _AUTHENTICITY, _RECOMPUTED, _PUBLISH)),
    ),
    Check("integration", "models on the warehouse", _pytest(_DBT, _WAREHOUSE, *_without(*_PLANTED))),
    Check("integration", "models on planted rows", _pytest(*_PLANTED)),
    Check("integration", "ingest", _pytest(_INGEST), needs=(RABBITMQ,)),
    Check("integration", "collector and scorer", _pytest(_COLLECTOR, _AUTHENTICITY)),
    Check("integration", "application", _pytest(_APP), needs=(CHROMIUM,)),
    Check("integration", "recomputation", _pytest(_RECOMPUTED)),
    Check(
        "integration",
        "publishing",
        _pytest(_PUBLISH, *_without(_WAREHOUSE), f"--ignore-glob=*/{_FAULTS}"),
        needs=(SSHD,),
    ),
    Check("integration", "publishing under faults", _pytest(*_found(f"{_PUBLISH}/{_FAULTS}")), needs=(SSHD,)),
    # One check, because the start of a scheduler on a warehouse takes as long as most of the tests together.
    Check("e2e", "Airflow", _pytest(*_found("tests/e2e/test_airflow*.py")), needs=(CHROMIUM,)),
    Check("e2e", "the demo", _pytest(_DEMO)),
    Check("e2e", "records of one's own", _pytest(_RECORDS)),
    Check(
        "e2e",
        "command line end to end",
        _pytest("tests/e2e", *_without(_DEMO, _RECORDS), "--ignore-glob=*/test_airflow*.py"),
        needs=(CHROMIUM, SSHD, RABBITMQ),
    ),
    # A platform as it is today: one question of each kind, a few units of the key's quota.
    Check("live", "YouTube itself", _pytest("tests/live"), wants="STIR_YOUTUBE_KEY"),
)
ON_DEMAND = (Check("mutations", "rules broken on purpose", (sys.executable, "-m", "tests.mutations")),)
"""Checks that run only on request and not in CI: they test the tests, not the product."""
KINDS = tuple(dict.fromkeys(check.kind for check in (*CHECKS, *ON_DEMAND)))
LANES = 4
"""How many checks run at the same time if all run: they wait for a part of their time, and two cores are kept busy."""
QUEUE = (
    # It builds the warehouse that others copy. The next four need none, so the others begin when it is built.
    "dbt build on a test world",
    "the demo",
    "publishing",
    "records of one's own",
    "models on planted rows",
    "Airflow",
    "models on the warehouse",
    "integration tests",
    "recomputation",
    "publishing under faults",
    "application",
    "command line end to end",
    "ingest",
    "collector and scorer",
    "unit tests",
    "sqlfluff",
    "DAG tests",
    "mypy",
    *(check.title for check in CHECKS if check.kind == "lint" and check.title not in ("mypy", "sqlfluff")),
    "YouTube itself",
)
"""The order in which lanes take checks if all run: what takes longest comes first, so that the lanes end together."""


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
