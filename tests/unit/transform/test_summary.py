"""The summary of a dbt run that a task log shows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from stir.transform.costs import NodeCost
from stir.transform.summary import NodeOutcome, outcomes, render


def result(name: str, status: str, message: str = "") -> Any:
    return SimpleNamespace(
        node=SimpleNamespace(name=name, unique_id=f"model.stir.{name}"),
        status=status,
        execution_time=1.25,
        message=message,
    )


def test_a_failure_keeps_the_servers_words_and_loses_dbts_frame() -> None:
    message = (
        "Database Error in model mart_b (models/mart_b.sql)\n"
        "  Code: 241. DB::Exception: Memory limit exceeded\n"
        "  compiled code at /tmp/x/target/run/mart_b.sql"
    )
    (node,) = outcomes([result("mart_b", "error", message)], {})
    assert node.message == "Code: 241. DB::Exception: Memory limit exceeded"
    assert node.failed
    assert not node.good


def test_a_skipped_model_neither_failed_nor_succeeded() -> None:
    (node,) = outcomes([result("mart_c", "skipped")], {})
    assert (node.good, node.failed) == (False, False)


def test_a_warning_is_logged_and_does_not_fail() -> None:
    (node,) = outcomes([result("unique_x", "warn", "Got 3 results, configured to warn if != 0")], {})
    assert node.good
    assert "Got 3 results" in render([node])


def test_the_table_shows_rows_seconds_and_memory_and_ends_with_totals() -> None:
    text = render(
        [
            NodeOutcome(
                "mart_a",
                "success",
                0.5,
                cost=NodeCost(1, 1, 1234567, 3 * 1024**2, 0.5),
            ),
            NodeOutcome("mart_b", "error", 2.0, "boom"),
            NodeOutcome("mart_c", "skipped", 0.0, "behind mart_b"),
        ]
    )
    lines = text.splitlines()
    assert lines[1].split() == ["mart_a", "success", "1,234,567", "0.50", "3", "MiB"]
    assert "mart_b: boom" in lines
    assert not any(line.startswith("mart_c:") for line in lines)
    assert lines[-1] == "1 succeeded, 1 failed, 1 skipped; highest memory of a statement 3 MiB"


def test_a_run_of_nothing_still_has_a_summary() -> None:
    assert render([]).splitlines()[-1].startswith("0 succeeded, 0 failed, 0 skipped")
