"""The API as its own OpenAPI document describes it: any request gets a declared status and the declared shape."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance
from schemathesis.core.result import Ok

from stir.app.service import API

Operation = schemathesis.APIOperation[Any, Any, Any, Any]
EXAMPLES = 25
"""Requests for each operation and mode."""
# What a category or a month may be is in the data: a value of the right shape that nobody has is a 400 or a 404.
EXCLUDED = [positive_data_acceptance]


@pytest.fixture(scope="module")
def operations(address: str) -> list[Operation]:
    schema = schemathesis.openapi.from_url(f"{address}{API}/openapi.json")
    found = list(schema.get_all_operations())
    described = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(described) == len(found), "the document describes every operation as OpenAPI allows"
    return described


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_declared(operations: list[Operation], mode: GenerationMode) -> None:
    tried = [one for one in operations if mode is GenerationMode.POSITIVE or list(one.query)]
    assert len(tried) > 6
    for operation in tried:

        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(excluded_checks=EXCLUDED)

        ask()
