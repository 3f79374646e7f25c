"""Reading dbt's JSON log."""

from __future__ import annotations

import pytest

from stir.errors import StirError
from stir.transform.runner import DbtRun, NodeResult, read_node, reason


def _event(name: str = "LogModelResult", **data: object) -> dict[str, object]:
    node = {"node_name": "mart_leaderboard", "resource_type": "model", "node_status": "success"}
    return {
        "info": {"name": name, "level": "info", "msg": "1 of 2 OK created"},
        "data": {"node_info": node, "index": 1, "total": 2, "execution_time": 0.5, "status": "OK", **data},
    }


def test_a_finished_node_is_read_with_its_place_in_the_run() -> None:
    assert read_node(_event(status="success")) == NodeResult(
        "mart_leaderboard", "model", "success", 1, 2, 0.5, "1 of 2 OK created"
    )


@pytest.mark.parametrize("event", [{}, {"info": {"name": "MainReportVersion"}, "data": {}}, _event("LogStartLine")])
def test_other_events_are_no_nodes(event: dict[str, object]) -> None:
    assert read_node(event) is None


def test_a_failed_run_names_its_first_failed_node_and_counts_the_others() -> None:
    failed = NodeResult("mart_a", "model", "error", 1, 3, 0.1, "Code: 60. Unknown table")
    run = DbtRun(("build",), [failed, NodeResult("t", "test", "fail", 2, 3, 0.1, "got 2")], return_code=1)

    with pytest.raises(StirError, match=r"model mart_a and 1 more failed: Code: 60\. Unknown table \(dbt build\)"):
        run.raise_for_failure()


def test_a_run_that_never_reached_a_node_gives_dbts_own_reason() -> None:
    run = DbtRun(("build",), errors=["Env var required but not provided: 'X'"], return_code=2)

    with pytest.raises(StirError, match="Env var required"):
        run.raise_for_failure()


def test_a_successful_run_raises_nothing() -> None:
    DbtRun(("build",)).raise_for_failure()


@pytest.mark.parametrize(
    ("output", "why"),
    [
        (
            "10:11:12  Encountered an error:\nRuntime Error\n  'nonsense' is no method\n",
            "Runtime Error 'nonsense' is no method",
        ),
        ("Traceback (most recent call last):\n  File x\nValueError: no\n", "ValueError: no"),
        (
            "stir: the source a.b is not there to read; make a world\n",
            "the source a.b is not there to read; make a world",
        ),
        ("", "dbt gave no reason"),
    ],
)
def test_the_reason_of_a_failure_is_found_in_what_dbt_printed(output: str, why: str) -> None:
    assert reason(output) == why
