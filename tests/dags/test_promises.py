"""What holds for every DAG."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from stir.alerts.runs import AlertFailedRun
from stir.dags.base import Category
from stir.dags.dag_index import waits_for
from stir.settings import PROJECT_DIR

from .conftest import DAGS_DIR, dag_files

IMPORTS = {
    "__future__",
    "datetime",
    "airflow.sdk",
    "stir.dags.operations",
    "stir.dags.transform",
    "stir.dags.publish",
    "stir.dags.trigger",
    "stir.triggers.spec",
}
LONGEST_FILE = 45

file = pytest.mark.parametrize("path", dag_files(), ids=lambda path: path.stem)


def literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@file
def test_id_is_the_file_stem_and_a_literal_in_it(path: Path, dags: dict[str, Any]) -> None:
    assert dags[path.stem].fileloc == str(path)
    assert path.stem in list(literals(path))


@file
def test_an_id_is_declared_in_one_file_only(path: Path) -> None:
    assert [other for other in dag_files() if path.stem in list(literals(other))] == [path]


@file
def test_folder_is_the_category_and_a_tag(path: Path, dags: dict[str, Any]) -> None:
    assert path.parent.parent == DAGS_DIR
    assert path.parent.name in get_args(Category)
    assert path.parent.name in dags[path.stem].tags


@file
def test_the_docstring_says_who_depends_on_it_and_what_to_do(path: Path, dags: dict[str, Any]) -> None:
    doc = ast.get_docstring(ast.parse(path.read_text())) or ""
    assert dags[path.stem].doc_md.strip().startswith(doc.splitlines()[0])
    assert "Who depends on it:" in doc
    assert "When it fails:" in doc


@file
def test_a_file_is_one_factory_call_that_imports_nothing_else(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {
        name
        for node in tree.body
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert imported <= IMPORTS, "a DAG file imports the factories and nothing that could read a clock or a Variable"
    rest = [node for node in tree.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)]
    assert [type(node) for node in rest] == [ast.AnnAssign]
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@file
def test_owner_tier_retries_timeout_and_alert_are_there(path: Path, dags: dict[str, Any]) -> None:
    dag = dags[path.stem]
    tiers = {tag for tag in dag.tags if tag.startswith("tier")}
    assert len(tiers) == 1
    assert isinstance(dag.on_failure_callback, AlertFailedRun)
    assert tiers == {f"tier{dag.on_failure_callback.tier}"}
    assert dag.dagrun_timeout is not None
    for task in dag.tasks:
        assert task.owner not in ("", "airflow")
        assert task.retries >= 2
        assert task.retry_exponential_backoff


@file
def test_one_active_run_no_catch_up_and_a_fixed_start(path: Path, dags: dict[str, Any]) -> None:
    dag = dags[path.stem]
    assert (dag.max_active_runs, dag.catchup) == (1, False)
    assert dag.start_date == datetime(2024, 1, 1, tzinfo=UTC)


def test_every_pool_that_a_task_names_is_in_the_pools_file(dags: dict[str, Any]) -> None:
    import json

    known = {"default_pool", *json.loads((PROJECT_DIR / "dags" / "pools.json").read_text())}
    assert {task.pool for dag in dags.values() for task in dag.tasks} <= known


def test_every_awaited_mart_has_one_dag_that_updates_it(dags: dict[str, Any]) -> None:
    updated = [outlet.name for dag in dags.values() for task in dag.tasks for outlet in task.outlets]
    awaited = {mart for dag in dags.values() for mart in waits_for(dag)}
    assert awaited
    for mart in awaited:
        assert updated.count(mart) == 1, mart


@pytest.mark.parametrize(
    ("category", "names"),
    [
        ("transform", {"select", "full_refresh", "dry_run"}),
        ("publish", {"force", "allow"}),
        ("instagram", {"dry_run"}),
        ("youtube", {"dry_run"}),
    ],
)
def test_a_run_by_hand_has_a_form_that_fits_its_category(dags: dict[str, Any], category: str, names: set[str]) -> None:
    for dag in dags.values():
        if category in dag.tags:
            assert names <= set(dag.params)
            for name in dag.params:
                schema = dag.params.get_param(name)
                assert schema.schema.get("title"), f"{dag.dag_id}: {name} needs a title for the form"
                assert schema.description


def test_the_guards_of_the_form_are_those_of_publishing() -> None:
    from stir.dags.publish import GUARDS
    from stir.publish.spec import Guards

    assert GUARDS == Guards.NAMES


def test_dbt_and_publish_tasks_link_to_what_they_made(dags: dict[str, Any]) -> None:
    for dag in dags.values():
        for task in dag.tasks:
            names = [link.name for link in task.operator_extra_links]
            if task.task_id in ("wait_for_upstreams", "score_followers"):
                assert names == []
            elif "transform" in dag.tags:
                assert names == ["Models of this run", "dbt docs"]
                assert task.task_type == ("DbtBuildOperator" if task.task_id == "build" else "DbtTestOperator")
            elif "export" in dag.tags:
                assert names == ["Generation"]
