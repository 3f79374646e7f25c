"""dbt inside the test's process: it parses the project once and then runs it for one moment after another."""

from __future__ import annotations

from datetime import datetime

import pytest
from dbt.cli.main import dbtRunner

from stir.local import environment
from stir.settings import Settings


class Dbt:
    """Runs of a selection of models in the database of the settings."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch, selection: str) -> None:
        self._patch = patch
        self._selection = selection
        for name, value in environment(settings).items():
            patch.setenv(name, value)
        parsed = dbtRunner().invoke(["--quiet", "parse"])
        assert parsed.success, parsed.exception
        self._runner = dbtRunner(manifest=parsed.result)

    def run(self, as_of: datetime, *options: str, **variables: object) -> set[str]:
        """One `dbt run` as it would happen at a moment; the models that it built."""
        self._patch.setenv("STIR_AS_OF", as_of.isoformat())
        values = ", ".join(f"{name}: {value}" for name, value in variables.items())
        arguments = ["--quiet", "run", "--select", self._selection, "--vars", f"{{{values}}}"]
        done = self._runner.invoke([*arguments, *options])
        assert done.success, done.exception or [result.message for result in done.result if result.message]
        return {result.node.name for result in done.result}
