"""The API as its own OpenAPI document describes it: any request gets a declared status and the declared shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from stir.app.api.parameters import BOARDS_OF, METRICS_OF
from stir.app.service import API

Operation = schemathesis.APIOperation[Any, Any, Any, Any]
SHORT, LONG = 8, 25
"""Requests for each operation and mode, on a push and with --long."""
Known = Mapping[str, Mapping[str, Sequence[str]]]
"""By board, the values of each filter."""
VALUES = ("category", "language", "country")
"""Filters whose values are in the data, which no document can list."""


def as_the_data_has_it(case: schemathesis.Case[Any], known: Known) -> None:
    """Make a request of the right shape one that the data can answer: values that somebody has, a first page, a metric
    of the board, days in order, different accounts."""
    query, path = case.query, case.path_parameters
    if not query:
        return
    query.pop("cursor", None)
    for name in VALUES:
        if query.get(name) is not None:
            of_board = known[path.get("board") or query.get("platform") or "ALL"][name]
            query[name] = of_board[len(str(query[name])) % len(of_board)]
    boards = BOARDS_OF.get(path.get("platform", ""), ("", list(METRICS_OF)))[1]
    if query.get("board") is not None and query["board"] not in boards:
        query["board"] = boards[0]
    board = path.get("board") or query.get("board") or path.get("platform") or "INSTAGRAM"
    if query.get("metric") is not None and query["metric"] not in METRICS_OF[board]:
        query["metric"] = "followers"
    if query.get("from") is not None and query.get("to") is not None:
        query["from"], query["to"] = sorted((query["from"], query["to"]))
    if "ids" in query:
        different = dict.fromkeys([*query["ids"].split(","), "IA:1", "YA:1"])
        query["ids"] = ",".join(list(different)[:5])


@pytest.fixture(scope="module")
def operations(address: str) -> list[Operation]:
    schema = schemathesis.openapi.from_url(f"{address}{API}/openapi.json")
    found = list(schema.get_all_operations())
    described = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(described) == len(found), "the document describes every operation as OpenAPI allows"
    return described


@pytest.fixture(scope="module")
def known(address: str) -> Known:
    return {board: httpx.get(f"{address}{API}/leaderboards/{board}/values").json()["data"] for board in METRICS_OF}


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_declared(
    operations: list[Operation], known: Known, mode: GenerationMode, request: pytest.FixtureRequest
) -> None:
    examples = LONG if request.config.getoption("--long") else SHORT
    tried = [one for one in operations if mode is GenerationMode.POSITIVE or list(one.query)]
    assert len(tried) > 6
    for operation in tried:

        @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case[Any]) -> None:
            if mode is GenerationMode.POSITIVE:
                as_the_data_has_it(case, known)
            case.call_and_validate()

        ask()
