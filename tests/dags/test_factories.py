"""What a DAG file says of its DAG is declared once, and every factory refuses what is not declared or is missing."""

from __future__ import annotations

import inspect
from typing import Any, get_type_hints

import pytest

DECLARED: dict[str, Any] = {"owner": "team", "tier": 3, "tags": ["a"], "doc": "A sentence."}


def factories() -> dict[str, Any]:
    from stir.dags import operations, publish, transform, trigger

    return {
        name: found
        for module in (operations, publish, transform, trigger)
        for name, found in vars(module).items()
        if name.endswith("_dag") and name != "shaped_dag"
    }


def test_no_factory_declares_the_common_options_itself(bag: Any) -> None:
    from stir.dags.base import DagOptions

    assert len(factories()) == 8
    assert get_type_hints(DagOptions).keys() == DECLARED.keys()
    for name, factory in factories().items():
        assert inspect.signature(factory).parameters.keys().isdisjoint(DECLARED), name


@pytest.mark.parametrize(
    ("change", "named"), [({"ownr": "team"}, "ownr"), ({"timeout_minutes": 5}, "timeout_minutes"), ({}, "owner")]
)
def test_a_misspelt_or_missing_option_is_refused_by_its_name(bag: Any, change: dict[str, Any], named: str) -> None:
    from stir.dags.operations import rule_dag

    options = {**DECLARED, "category": "utility", "schedule": None, **change}
    if not change:
        del options["owner"]
    with pytest.raises(TypeError, match=named):
        rule_dag("example", **options)
