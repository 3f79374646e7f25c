"""Run the models' unit tests in a copy of the dbt project, once for each rule of sql.toml that is broken in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stir.errors import StirError
from stir.local import environment
from stir.settings import PROJECT_DIR, Settings
from stir.transform.dbt_process import command

LIST = Path(__file__).with_name("sql.toml")
PROJECT = ("dbt_project.yml", "models", "macros", "seeds", "profiles", "tests/data")


@dataclass(frozen=True)
class Mutation:
    """One rule, how it is broken, and dbt's selectors of the unit tests that are to notice."""

    rule: str
    file: str
    find: str
    replace: str
    tests: tuple[str, ...]

    @property
    def place(self) -> str:
        """For the table."""
        before = (PROJECT_DIR / self.file).read_text(encoding="utf-8").partition(self.find)[0]
        return f"{self.file}:{before.count(chr(10)) + 1}"

    def apply(self, project: Path) -> None:
        """Break the rule in that folder.

        Raises:
            StirError: what is to be replaced does not stand there once.
        """
        text = (PROJECT_DIR / self.file).read_text(encoding="utf-8")
        if text.count(self.find) != 1:
            raise StirError(
                f"{self.find!r} stands {text.count(self.find)} times in the file, not once",
                where=self.file,
                do=f"correct the mutation {self.rule!r} in tests/mutations/sql.toml",
            )
        (project / self.file).write_text(text.replace(self.find, self.replace), encoding="utf-8")


def read_mutations() -> list[Mutation]:
    """The list that is kept in sql.toml."""
    entries = tomllib.loads(LIST.read_text(encoding="utf-8"))["mutation"]
    return [Mutation(**{**entry, "tests": tuple(entry["tests"])}) for entry in entries]


def copy_project(folder: Path) -> None:
    """The files that dbt reads; the checkout itself is never changed."""
    for name in PROJECT:
        source, target = PROJECT_DIR / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)


def run_mutations(project: Path, settings: Settings, mutations: Sequence[Mutation]) -> Iterator[tuple[Mutation, bool]]:
    """Each mutation, and whether a unit test noticed it.

    Raises:
        StirError: the tests are red without any mutation, or a mutation is no SQL.
    """
    _, code = _test(project, settings, sorted({test for mutation in mutations for test in mutation.tests}))
    if code:
        raise StirError("unit tests of models are red without any mutation", do="mend them first: `./stir dbt test`")
    for mutation in mutations:
        mutation.apply(project)
        results, _ = _test(project, settings, mutation.tests)
        shutil.copy(PROJECT_DIR / mutation.file, project / mutation.file)
        if "error" in results or not results:
            raise StirError(
                f"the mutation {mutation.rule!r} makes SQL that ClickHouse refuses, or chooses no test",
                where="tests/mutations/sql.toml",
                do="write one that runs and gives another result",
            )
        yield mutation, "fail" in results


def _test(project: Path, settings: Settings, selectors: Sequence[str]) -> tuple[set[str], int]:
    """What became of the unit tests: their statuses and dbt's exit code."""
    variables = {
        **os.environ,
        **environment(settings),
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(project / "profiles"),
        "DBT_TARGET_PATH": str(project / "target"),
        "DBT_LOG_PATH": str(project / "logs"),
    }
    results = project / "target" / "run_results.json"
    results.unlink(missing_ok=True)
    ended = subprocess.run(
        command("test", "--quiet", "--select", *selectors),
        env=variables,
        cwd=project,
        check=False,
        capture_output=True,
        text=True,
    )
    if not results.exists():
        raise StirError(f"dbt ended with {ended.returncode}: {(ended.stdout + ended.stderr)[-600:]}")
    found = json.loads(results.read_text(encoding="utf-8"))["results"]
    return {result["status"] for result in found}, ended.returncode
