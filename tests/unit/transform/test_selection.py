"""A selection that matches nothing is refused; one that compares with an earlier run may be empty."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from stir.errors import StirError
from stir.transform.selection import SelectionListener


def _said(*events: tuple[str, str]) -> list[str]:
    lines: list[StirError] = []
    listener = SelectionListener(lines.append)
    for name, criterion in events:
        listener(SimpleNamespace(info=SimpleNamespace(name=name), data=SimpleNamespace(spec_raw=criterion)))
    return [error.line for error in lines]


@pytest.mark.parametrize(
    ("criteria", "refused"),
    [
        (["tag:nonsense"], "tag:nonsense"),
        (["state:modified", "nonsense"], "nonsense"),
        (["state:modified"], ""),
        (["result:error+"], ""),
        ([], ""),  # everything was excluded, or a model has no tests
    ],
)
def test_nothing_to_do_is_refused_where_a_criterion_matches_nothing(criteria: list[str], refused: str) -> None:
    unmatched = [("NoNodesForSelectionCriteria", criterion) for criterion in criteria]
    assert _said(*unmatched) == []
    lines = _said(*unmatched, ("NothingToDo", ""))
    assert len(lines) == bool(refused)
    assert all(f"nothing in this project matches {refused} " in line for line in lines), lines
