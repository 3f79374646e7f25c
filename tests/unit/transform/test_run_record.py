"""What a run's page knows of each model: of runs that go on, failed, were retried, killed or skipped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from stir.transform.run_record import NodeRecord, Statement, TaskState, merge

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
ONE, TWO, THREE = (f"model.stir.{name}" for name in ("one", "two", "three"))


def statement(node: str, kind: str, number: int = 1, **more: Any) -> Statement:
    figures = {"seconds": 1.5, "read_rows": 10, "written_rows": 5, "memory": 1000, **more}
    return Statement(f"d/r/build/{number}", node, kind, NOON, **figures)


def result(node: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "unique_id": node,
        "status": status,
        "execution_time": 2.0,
        "message": None,
        "compiled_code": "select",
        **more,
    }


def seen(nodes: list[NodeRecord]) -> dict[str, tuple[str, int]]:
    return {node.name: (node.status, node.number) for node in nodes}


def test_while_a_build_runs_its_statements_say_which_model_runs_and_which_waits() -> None:
    nodes = merge(
        TaskState("build", "running", 1),
        {1: None},
        [statement(ONE, "Insert"), statement(TWO, "Create"), statement(TWO, "running"), statement("", "Select")],
        [ONE, TWO, THREE],
    )

    assert seen(nodes) == {"one": ("done", 1), "two": ("running", 1), "three": ("waiting", 1)}
    assert nodes[0].rows == 5


def test_a_model_that_fails_shows_the_servers_words_before_dbt_has_reported() -> None:
    [node] = merge(
        TaskState("build", "running", 1), {1: None}, [statement(ONE, "Insert", exception="Code: 241. Memory")], []
    )

    assert (node.status, node.message) == ("error", "Code: 241. Memory")


def test_models_of_a_killed_try_are_shown_as_stopped() -> None:
    nodes = merge(TaskState("build", "failed", 1), {1: None}, [statement(ONE, "Insert")], [ONE, TWO])

    assert seen(nodes) == {"one": ("stopped", 1)}


def test_a_retry_adds_to_what_the_try_before_it_built() -> None:
    tries = {
        1: [result(ONE, "success"), result(TWO, "error", message="no"), result(THREE, "skipped")],
        2: [result(TWO, "success"), result(THREE, "success")],
    }
    statements = [statement(TWO, "Insert", 1, written_rows=1), statement(TWO, "Insert", 2, written_rows=7)]
    nodes = merge(TaskState("build", "success", 2), tries, statements, [ONE, TWO, THREE])

    assert seen(nodes) == {"one": ("success", 1), "two": ("success", 2), "three": ("success", 2)}
    assert nodes[1].rows == 7, "figures are those of the try that the status is of"


def test_the_try_that_runs_outweighs_the_one_that_failed_before() -> None:
    nodes = merge(
        TaskState("build", "running", 2),
        {1: [result(ONE, "success"), result(TWO, "error")], 2: None},
        [statement(TWO, "running", 2)],
        [ONE, TWO],
    )

    assert seen(nodes) == {"one": ("success", 1), "two": ("running", 2)}


def test_a_skipped_task_has_no_models_and_a_queued_one_waits_for_all() -> None:
    assert merge(TaskState("build", "skipped", 0), {}, [], [ONE]) == []
    assert seen(merge(TaskState("build", "queued", 0), {}, [], [ONE])) == {"one": ("waiting", 0)}


def test_a_tests_name_is_without_its_hash_and_its_rows_are_not_rows_of_a_table() -> None:
    node = NodeRecord("test.stir.unique_a_b.0123456789", "test_a", 1, "pass", statements=[statement("t", "Insert")])

    assert (node.name, node.kind, node.rows) == ("unique_a_b", "test", None)
