"""`stir test mutations` breaks what it says, one thing at a time, and its lists fit the code they are about."""

from __future__ import annotations

import re
from types import CodeType

import pytest
from tests.mutations import python_run, sql_run
from tests.mutations.python_mutants import compile_mutant, find_mutants
from tests.mutations.score import Outcome, Score

from stir.settings import PROJECT_DIR

SOURCE = """
LIMIT: int = 10
def f(values, flag=False):
    values.sort()
    return not flag and LIMIT <= len(values)
"""


def result(code: CodeType, values: list[int]) -> tuple[object, list[int]]:
    """What f gives, and what it leaves."""
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102
    return names["f"](values), values  # type: ignore[operator]


def test_each_kind_of_rule_is_broken_by_itself() -> None:
    found = list(find_mutants(SOURCE, "f.py", "f"))
    assert sorted(mutant.change for mutant in found) == [
        "11 for 10",
        "9 for 10",
        "Lt for LtE",
        "True for False",
        "call dropped: values.sort()",
        "not dropped",
        "or for and",
    ]
    results = {mutant.change: result(compile_mutant(SOURCE, mutant), [2, 1] * 5) for mutant in found}
    in_order = sorted([2, 1] * 5)
    assert results["Lt for LtE"] == (False, in_order)
    assert results["11 for 10"] == (False, in_order)
    assert results["9 for 10"] == (True, in_order)
    assert results["call dropped: values.sort()"] == (True, [2, 1] * 5)
    assert results["not dropped"] == (False, in_order)
    assert results["True for False"] == (False, in_order)


def test_annotations_decorators_and_guards_of_the_programmer_are_left_alone() -> None:
    source = "@dataclass(frozen=True)\nclass C:\n    a: Literal[1]\n    def f(self) -> Literal[2]: zip(strict=True)\n"
    assert [mutant.change[:12] for mutant in find_mutants(source, "c.py", "c")] == ["call dropped"]


def test_a_function_that_is_gone_is_no_empty_list_of_mutants() -> None:
    with pytest.raises(ValueError, match="there is no function g"):
        list(find_mutants(SOURCE, "f.py", "f", frozenset({"g"})))


@pytest.mark.parametrize("subject", python_run.read_subjects(), ids=lambda subject: subject.module)
def test_every_module_of_the_list_has_mutants_and_tests(subject: python_run.Subject) -> None:
    assert subject.mutants()
    assert all((PROJECT_DIR / file).exists() for file in subject.tests)


@pytest.mark.parametrize("mutation", sql_run.read_mutations(), ids=lambda mutation: mutation.rule)
def test_every_rule_of_the_list_stands_in_its_file_and_names_unit_tests(mutation: sql_run.Mutation) -> None:
    assert (PROJECT_DIR / mutation.file).read_text(encoding="utf-8").count(mutation.find) == 1
    described = [path.read_text(encoding="utf-8") for path in (PROJECT_DIR / "models").rglob("*.yml")]
    for test in mutation.tests:
        model, _, of_model = test.partition(",test_type:unit")
        pattern = rf"^    model: {model}$" if of_model or "," in test else rf"^  - name: {test}$"
        assert any("unit_tests:" in text and re.search(pattern, text, re.MULTILINE) for text in described), test


def test_fewer_than_95_of_100_are_a_failure_and_so_are_none() -> None:
    outcomes = [Outcome("sql", "m.sql:1", "broken", noticed=number >= 5) for number in range(100)]
    assert Score(outcomes).ratio >= 0.95
    assert Score(outcomes[:99]).ratio < 0.95
    assert Score().ratio == 0
    assert Score(outcomes).lines() == [
        "sql: killed 95 of 100 tried",
        "all: killed 95 of 100 tried (95.0%, at least 95% are asked)",
    ]
