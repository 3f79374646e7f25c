"""The API as its own OpenAPI document describes it: any request gets a declared status and the declared shape."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance

from stir.app.service import API

EXAMPLES = 25
# What a category or a month may be is in the data: a value of the right shape that nobody has is a 400 or a 404.
EXCLUDED = [positive_data_acceptance]


@pytest.fixture(scope="module")
def operations(address: str) -> list[schemathesis.APIOperation]:
    schema = schemathesis.openapi.from_url(f"{address}{API}/openapi.json")
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_declared(operations: list[schemathesis.APIOperation], mode: GenerationMode) -> None:
    tried = [one for one in operations if mode is GenerationMode.POSITIVE or list(one.query)]
    assert len(tried) > 6
    for operation in tried:

        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(excluded_checks=EXCLUDED)

        ask()
