"""dbt inside the tests' process: it parses the project once and then runs it for one moment after another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from tests.parsed_project import take_parse

from stir.local import environment
from stir.settings import Settings
from stir.transform.dbt_process import collect_rarely

PARSED: dict[str, Manifest] = {}
"""By database, the only thing in the project as it is parsed that differs from one test's server to another's."""


class Dbt:
    """Runs of a selection of models in the database of the settings."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch, selection: str) -> None:
        collect_rarely()
        self._patch = patch
        self._selection = selection
        for name, value in environment(settings).items():
            patch.setenv(name, value)
        if settings.clickhouse_database not in PARSED:
            with TemporaryDirectory() as folder:
                take_parse(settings, folder=Path(folder))
                parsed = dbtRunner().invoke(["--quiet", "--no-write-json", "parse", "--target-path", folder])
            assert isinstance(parsed.result, Manifest), parsed.exception
            PARSED[settings.clickhouse_database] = parsed.result
        self._manifest = PARSED[settings.clickhouse_database]
        self._runner = dbtRunner(manifest=self._manifest)

    def seed(self, *names: str) -> None:
        """Load reference lists that the models read."""
        done = self._runner.invoke(["--quiet", "--no-write-json", "seed", "--select", *names])
        assert done.success, done.exception or [result.message for result in done.result if result.message]

    def forget_compiled(self) -> None:
        """Run with a copy of the project as it was parsed. A run leaves what it compiled in the project that it was
        given, and models that read ephemeral ones lack the text of these in the next run.
        """
        self._runner = dbtRunner(manifest=self._manifest.deepcopy())

    @contextmanager
    def changed(self, macro: str, pattern: str, other: str) -> Iterator[None]:
        """Run with a macro in which what matches is another text: a variant of the project that lacks a safeguard."""
        found = self._manifest.macros[f"macro.stir.{macro}"]
        sql = found.macro_sql
        found.macro_sql, places = re.subn(pattern, lambda _: other, sql, flags=re.DOTALL)
        assert places, f"{macro} holds no {pattern}"
        try:
            yield
        finally:
            found.macro_sql = sql

    def run(self, as_of: datetime, *options: str, select: object = "", **variables: object) -> set[str]:
        """One `dbt run` as it would happen at a moment; the models that it built, which `select` may name."""
        self._patch.setenv("STIR_AS_OF", as_of.isoformat())
        values = ", ".join(f"{name}: {value}" for name, value in variables.items())
        # To write what is known of the whole project takes longer than to build a few models on small tables.
        arguments = [
            "--quiet",
            "--no-write-json",
            "run",
            "--select",
            str(select or self._selection),
            "--vars",
            f"{{{values}}}",
        ]
        done = self._runner.invoke([*arguments, *options])
        assert done.success, done.exception or [result.message for result in done.result if result.message]
        return {result.node.name for result in done.result}
