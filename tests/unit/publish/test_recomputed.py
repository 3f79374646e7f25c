"""No published column escapes the suite that recomputes it from the source tables (tests/integration/recompute)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from tests.integration.recompute.comparison import Subject

from stir.publish.tables import SPECS
from stir.settings import PROJECT_DIR

SUITE = PROJECT_DIR / "tests" / "integration" / "recompute"


def compared(source: str) -> Iterator[str]:
    """The tables that a test module hands to compare_published by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".compare_published"):
            assert isinstance(node.args[0], ast.Constant), "name the table in the call of compare_published"
            yield str(node.args[0].value)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_published_table_is_recomputed(name: str) -> None:
    named = {table for module in SUITE.glob("test_*.py") for table in compared(module.read_text())}

    assert name in named, f"no test of {SUITE.name} calls compare_published({name!r}, ...)"


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_column_of_a_published_table_is_compared(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the spec names is compared: a column that the suite does not define makes the comparison fail."""
    taken: list[str] = []

    def take(subject: Subject, model: str, rows: str, key: list[str], expected: list[Any], columns: list[str]) -> None:
        taken.extend(columns)

    monkeypatch.setattr(Subject, "_compare", take)
    monkeypatch.setattr(Subject, "columns", lambda subject, model: [])
    subject = object.__new__(Subject)
    subject.database, subject.as_of = "warehouse", datetime(2026, 6, 15)
    subject.compare_published(name, [])

    assert taken == [column.name for column in SPECS[name].columns]
