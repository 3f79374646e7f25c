"""Break rules on purpose and count which ones a test notices: `./stir test mutations`, or one of `python` and `sql`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from tests.mutations import python_run, sql_run
from tests.mutations.score import AT_LEAST, Outcome, Score

from stir.errors import StirError
from stir.local import ensure_services
from stir.settings import PROJECT_DIR, load_settings

KINDS = ("python", "sql")
WORLD = ("--creators", "60", "--days", "20", "--seed", "7")
"""Small: unit tests of models bring rows of their own and need no more than the columns of the tables."""


def try_python() -> Iterator[tuple[int, Outcome | None]]:
    """The number of mutants, then each outcome with it."""
    subjects = python_run.read_subjects()
    work = [(subject, mutant) for subject in subjects for mutant in subject.mutants()]
    yield len(work), None
    python_run.prepare(subjects)
    for mutant, noticed in python_run.run_mutants(work, max(2, os.cpu_count() or 1)):
        yield len(work), Outcome("python", mutant.place, mutant.change, noticed)


def try_sql() -> Iterator[tuple[int, Outcome | None]]:
    """The number of mutations, then each outcome with it."""
    mutations = sql_run.read_mutations()
    yield len(mutations), None
    stir = (sys.executable, "-m", "stir")
    for command in (
        (*stir, "world", "make", *WORLD),
        (*stir, "dbt", "--quiet", "build", "--exclude", "test_type:data", "test_type:unit"),
    ):
        subprocess.run(command, cwd=PROJECT_DIR, check=True)
    settings = ensure_services(load_settings())
    with tempfile.TemporaryDirectory(prefix="stir-mutations-") as folder:
        sql_run.copy_project(Path(folder))
        for mutation, noticed in sql_run.run_mutations(Path(folder), settings, mutations):
            yield len(mutations), Outcome("sql", mutation.place, f"broken: {mutation.rule}", noticed)


def run(kinds: list[str]) -> Score:
    """Try every mutation of these kinds, with a bar that shows how far it is."""
    score = Score()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for kind in kinds:
            task = progress.add_task(f"{kind} mutations", total=None)
            for total, outcome in (try_python if kind == "python" else try_sql)():
                progress.update(task, total=total)
                if outcome:
                    score.outcomes.append(outcome)
                    progress.advance(task)
    return score


def main(arguments: list[str]) -> int:
    """Print the table; 1 if fewer than 95 % were noticed."""
    if unknown := set(arguments) - set(KINDS):
        raise StirError(f"there are no mutations of {', '.join(sorted(unknown))}", do=f"use {' or '.join(KINDS)}")
    score = run(arguments or list(KINDS))
    if score.survivors:
        table = Table("place", "what no test noticed", title="survivors", title_justify="left")
        for outcome in sorted(score.survivors, key=lambda each: each.place):
            table.add_row(outcome.place, outcome.change)
        Console(width=None if sys.stdout.isatty() else 160).print(table)
    for line in score.lines():
        print(line)
    return 0 if score.ratio >= AT_LEAST else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StirError as error:
        sys.exit(f"stir: {error}")
