"""A change of the models is built alone, against the last good build, and its rows are compared with that build's."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stir import connections
from stir.settings import Settings

from .planted import own_database, plant, planted_environment, quoted, run_planted

FREE = "{{ config(contract={'enforced': false}, order_by='id') }}\n"
MODELS = {
    "far": FREE + "select number as id, number * 2 as worth from numbers(10)",
    "near": FREE + "select id, worth, if(id = 3, null, 'x') as mark from {{ ref('far') }}",
    "board": FREE + "select id, worth, mark from {{ ref('near') }}",
    "alone": FREE + "select number as id from numbers(5)",
}
TESTS = "models:\n" + "".join(
    f"  - name: {name}\n    columns: [{{name: id, data_tests: [unique]}}]\n" for name in MODELS
)
CHANGED = FREE + (
    "select id, if(id = 4, 100, worth) as worth, if(id in (3, 5), 'x', null) as mark, 1 as news\n"
    "from {{ ref('far') }} where id != 9 union all select 77, 0, 'x', 1"
)


@pytest.fixture(scope="module")
def change(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Settings, Settings]]:
    """A checkout with a change of `near`, the database of the build before it, and that of the change."""
    project = plant(tmp_path_factory.mktemp("slim"), MODELS, TESTS)
    with own_database(settings, "slim_base") as base, own_database(settings, "slim_change") as new:
        built = run_planted(base, project)
        assert built.returncode == 0, built.stdout
        (project / "last").mkdir()
        shutil.copy(project / "target" / "manifest.json", project / "last")
        (project / "models" / "planted" / "near.sql").write_text(CHANGED)
        yield project, base, new


def stir(project: Path, own: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The checkout's own stir command."""
    environment = planted_environment(own, project) | {"PYTHONPATH": str(project / "plugins")}
    command = [sys.executable, "-P", "-m", "stir", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def compared(change: tuple[Path, Settings, Settings]) -> dict[str, dict[str, Any]]:
    """What `stir diff` says of the change, by model."""
    project, base, new = change
    built = run_planted(
        new, project, "--select", "state:modified+", "--defer", "--state", str(project / "last"), command="build"
    )
    assert built.returncode == 0, built.stdout
    done = stir(project, new, "diff", "--against", base.clickhouse_database, "--state", "last", "--json")
    assert done.returncode == 0, done.stderr
    return {each["model"]: each for each in json.loads(done.stdout)}


def test_only_what_changed_and_what_reads_it_is_built_and_compared(
    change: tuple[Path, Settings, Settings], compared: dict[str, dict[str, Any]]
) -> None:
    _, _, new = change
    assert set(compared) == {"near", "board"}
    names = connections.clickhouse(new).query(f"show tables from {quoted(new)}").result_rows
    assert {"near", "board"} <= {name for (name,) in names}
    assert {"far", "alone"}.isdisjoint(name for (name,) in names), "they are read from the last build"


def test_rows_are_added_removed_and_changed_by_key(compared: dict[str, dict[str, Any]]) -> None:
    board = compared["board"]
    assert (board["rows_before"], board["rows_after"]) == (10, 10)
    assert (board["added"], board["removed"], board["changed"]) == (1, 1, 8)
    # Of the nine rows of both, 4 has another worth; 3 lost its NULL, and all but 3 and 5 got one.
    assert board["columns"] == {"worth": 1, "mark": 8}
    assert board["samples"]["added"] == ["(77)"]
    assert board["samples"]["removed"] == ["(9)"]
    assert board["added_columns"] == []
    assert compared["near"]["added_columns"] == ["news"]
    assert not board["same"]


def test_a_column_can_be_left_out_and_a_model_be_named(change: tuple[Path, Settings, Settings], compared: Any) -> None:
    project, base, new = change
    arguments = ("diff", "board", "--against", base.clickhouse_database, "--ignore", "mark")
    [board] = json.loads(stir(project, new, *arguments, "--json").stdout)
    assert (board["added"], board["removed"], board["changed"]) == (1, 1, 1)
    printed = stir(project, new, *arguments).stdout
    assert "worth 1" in printed
    assert "board, changed: (4)" in printed


def test_a_comparison_without_sense_is_refused_in_one_line(change: tuple[Path, Settings, Settings]) -> None:
    project, base, new = change
    for arguments, said in (
        (("diff", "mart_of_nothing", "--against", base.clickhouse_database), "there is no model 'mart_of_nothing'"),
        (("diff", "alone", "--against", new.clickhouse_database), "compared with itself"),
        (("diff", "--against", base.clickhouse_database), "name the models"),
        (("diff", "alone", "--against", "slim_nowhere"), "in neither database"),
    ):
        refused = stir(project, new, *arguments)
        assert refused.returncode != 0
        assert said in refused.stderr
        assert refused.stderr.count("\n") == 1
