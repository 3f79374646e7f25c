"""Budgets of models: in proportion to the world, and no measure beyond them goes unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stir.errors import StirError
from stir.transform.costs import Budget, Budgets, IncrementBudget, NodeCost, beyond, read_budgets

BUDGETS = Budgets(
    creator_days=1000,
    least_share=0.1,
    most_memory_mib=400,
    default=Budget(read_rows=1000, memory_mib=100, seconds=10),
    models={"wide": Budget(read_rows=1000, memory_mib=300, seconds=10)},
    increment=IncrementBudget(read_rows=100, for_each_written=10),
    increments=frozenset({"m"}),
)


def cost(read_rows: int = 1, memory_mib: int = 1, seconds: float = 0.1) -> NodeCost:
    return NodeCost(read_rows, 1, 1, memory_mib * 2**20, seconds)


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        (cost(read_rows=1001), "m: 1,001 rows read, budget 1,000"),
        (cost(memory_mib=101), "m: 101 MiB of memory, budget 100"),
        (cost(seconds=11), "m: 11 seconds, budget 10"),
    ],
)
def test_each_measure_beyond_its_budget_is_named(found: NodeCost, complaint: str) -> None:
    assert list(beyond({"m": found}, BUDGETS, 1000)) == [complaint]
    assert list(beyond({"m": cost(1000, 100, 10)}, BUDGETS, 1000)) == []


def test_an_increment_may_read_by_what_it_writes_and_not_by_the_size_of_the_world() -> None:
    grown = replace(cost(read_rows=131), written_rows=3, is_increment=True)

    assert list(beyond({"m": grown}, BUDGETS, 1000)) == ["m: 131 rows read by an increment of 3, budget 130"]
    assert list(beyond({"m": replace(grown, written_rows=4)}, BUDGETS, 1000)) == []
    assert list(beyond({"m": replace(grown, is_increment=False), "other": grown}, BUDGETS, 1000)) == []


def test_rows_and_seconds_go_with_the_size_of_the_world_and_memory_has_a_ceiling() -> None:
    assert BUDGETS.of("m", 2000) == Budget(2000, 200, 20)
    assert BUDGETS.of("wide", 2000) == Budget(2000, 400, 20)
    assert BUDGETS.of("m", 1) == Budget(100, 100, 1)


def test_the_committed_budgets_can_be_read_and_none_is_beyond_what_a_query_may_take() -> None:
    budgets = read_budgets()

    assert all(budget.memory_mib <= budgets.most_memory_mib for budget in [budgets.default, *budgets.models.values()])


def test_a_budget_with_a_wrong_word_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "budgets.toml"
    path.write_text("creator_days = 1\nleast_share = 1\nmost_memory_mib = 1\n[default]\nrows = 1\n")

    with pytest.raises(StirError, match="budgets cannot be read"):
        read_budgets(path)
