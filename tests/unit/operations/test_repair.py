"""Which models can be repaired."""

from __future__ import annotations

import pytest

from stir.errors import StirError
from stir.operations.repair import check_repairable

from .test_backfill_plan import PROJECT, manifest


@pytest.mark.parametrize(
    ("model", "line"),
    [
        ("board", "board freezes its months when they close"),
        ("whole", "whole keeps nothing that a run could have missed: it is a table"),
        ("shown", "shown keeps nothing that a run could have missed: it is a view"),
        ("nobody", "there is no model 'nobody'"),
    ],
)
def test_only_what_adds_rows_can_have_missed_some(model: str, line: str) -> None:
    with pytest.raises(StirError, match=line):
        check_repairable(manifest(PROJECT), model)


def test_logs_and_series_can_be_repaired() -> None:
    for model in ("log", "weeks"):
        check_repairable(manifest(PROJECT), model)
