"""How the DAG folder and the plugins folder load: alone, cheaply, and without getting into anybody's way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from .conftest import DAGS_DIR, PLUGINS_DIR, airflow_variables, dag_files

LOAD = """
import json, os, socket, sys, time

def refuse(*arguments, **options):
    raise OSError("a DAG file tried to open a connection")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
began = time.process_time()
from airflow.dag_processing.dagbag import DagBag
imported = time.process_time()
bag = DagBag(sys.argv[1])
parsed = time.process_time()
print(json.dumps({
    "dags": sorted(bag.dags), "errors": bag.import_errors,
    "import_seconds": imported - began, "parse_seconds": parsed - imported,
}))
"""

PLUGINS = """
import json, sys
from airflow import plugins_manager
loaded = set(sys.modules)
plugins_manager._get_plugins()
print(json.dumps(sorted(set(sys.modules) - loaded)))
"""


def run(code: str, *arguments: str, home: Path, plugins: Path = PLUGINS_DIR) -> Any:
    """Run code in a Python of its own, as an Airflow process would be, and return what it printed as JSON."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "STIR_"))}
    variables = {**own, **airflow_variables(home), "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins)}
    variables["PYTHONPATH"] = str(plugins)
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=variables, cwd=home, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return json.loads(ended.stdout.splitlines()[-1])


def test_all_dags_load_with_sockets_blocked_and_cost_less_than_airflow_itself(tmp_path: Path) -> None:
    report = run(LOAD, str(DAGS_DIR), home=tmp_path)
    assert report["errors"] == {}
    assert report["dags"] == sorted(path.stem for path in dag_files())
    print(f"importing Airflow {report['import_seconds']:.2f} s, parsing {report['parse_seconds']:.2f} s of processor")
    assert report["parse_seconds"] < report["import_seconds"]


def test_the_block_would_be_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "bad.py").write_text("# an airflow dag\nimport socket\nsocket.create_connection(('127.0.0.1', 9))\n")
    report = run(LOAD, str(folder), home=tmp_path)
    assert "tried to open a connection" in json.dumps(report["errors"])


DAMAGES = ("def broken(:", "raise RuntimeError('broken on purpose')")


def test_breaking_any_file_leaves_every_other_one_loading(
    bag: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """By the bits of their numbers, half of the files are broken at once: each pair stands once on different sides.

    All bits with --long; the lowest in every run, in which each file is broken once and healthy once.
    """
    from airflow.dag_processing.dagbag import DagBag

    files = dag_files()
    shutil.copytree(DAGS_DIR, tmp_path / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    bits = len(files).bit_length() if request.config.getoption("--long") else 1
    for bit, side in product(range(bits), (0, 1)):
        victims = [path for number, path in enumerate(files) if number >> bit & 1 == side]
        for number, path in enumerate(victims):
            damaged = f"{path.read_text()}\n{DAMAGES[number % len(DAMAGES)]}\n"
            (tmp_path / "dags" / path.relative_to(DAGS_DIR)).write_text(damaged)
        broken = DagBag(str(tmp_path / "dags"))
        for path in victims:
            shutil.copyfile(path, tmp_path / "dags" / path.relative_to(DAGS_DIR))
        assert set(broken.dags) == set(bag.dags) - {path.stem for path in victims}
        assert len(broken.import_errors) == len(victims)


def test_airflow_does_not_execute_the_package_as_loose_modules(tmp_path: Path) -> None:
    loose = {"settings", "errors", "connections"}
    assert loose & set(run(PLUGINS, home=tmp_path)) == set()


def test_without_airflowignore_it_would(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    (plugins / "stir").mkdir(parents=True)
    (plugins / "stir" / "errors.py").write_text("")
    assert "errors" in run(PLUGINS, home=tmp_path, plugins=plugins)


def test_no_folder_or_module_of_ours_hides_another(tmp_path: Path) -> None:
    ours = {
        entry.stem
        for folder in (DAGS_DIR, PLUGINS_DIR)
        for entry in folder.iterdir()
        if entry.is_dir() or entry.suffix == ".py"
    } - {"__pycache__"}
    code = (
        f"import importlib.util, json; print(json.dumps([n for n in {sorted(ours)!r} if importlib.util.find_spec(n)]))"
    )
    nowhere = tmp_path / "empty"
    nowhere.mkdir()
    assert run(code, home=tmp_path, plugins=nowhere) == []


def test_no_module_of_ours_looks_like_a_dbt_plugin() -> None:
    # dbt imports every top-level module called dbt_* that it finds on its path, in each run.
    folders = (DAGS_DIR, PLUGINS_DIR)
    assert [path.name for folder in folders for path in folder.iterdir() if path.name.startswith("dbt")] == []


CONF = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

ignored = (
    {"rebuild_from": "2026-05-01", "rebuild_to": "2026-05-02"},
    {"rebuild": True, "rebuild_to": "2026-05-02"},
    {"rebuild": True, "rebuild_from": "2026-05-02", "rebuild_to": "2026-05-01"},
    {"rebuild": True, "full_refresh": True},
)
sound = (
    {"rebuild": True},
    {"rebuild": True, "rebuild_from": "2026-05-01", "rebuild_to": "2026-05-01"},
    {"full_refresh": True, "select": None, "rebuild_from": None},
)
taken, values = [], []
for dag_id, dag in DagBag(sys.argv[1]).dags.items():
    params = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag)).params
    values.append(params.deep_merge(params.dump()).validate() == params.dump())
    for conf in ({"nonsense": 1}, [], "", 0, False, *(ignored if "rebuild" in params else ())):
        try:
            params.deep_merge(conf)
            taken.append([dag_id, conf])
        except ValueError:
            pass
    for conf in sound if "rebuild" in params else ():
        params.deep_merge(conf).validate()
print(json.dumps({"taken": taken, "defaults": all(values) and len(values)}))
"""


def test_every_dag_takes_its_own_defaults_and_nothing_that_it_does_not_know_or_would_ignore(tmp_path: Path) -> None:
    assert run(CONF, str(DAGS_DIR), home=tmp_path) == {"taken": [], "defaults": len(dag_files())}


COMMAND = """
import json, sys
from stir.dags.run_conf import one_line
from airflow.exceptions import DagNotFound
from airflow.models.backfill import InvalidBackfillConf

errors = [
    DagNotFound("Dag id x not found"),
    InvalidBackfillConf("unknown key\\nmore"),
    ValueError("DagRun conf must be a JSON object or null"),
    json.JSONDecodeError("Expecting value", "x", 0),
    RuntimeError("a fault"),
]
commands = ["backfill create --dag-id x", "scheduler"]
print(json.dumps([[one_line(error, command.split()) for error in errors] for command in commands]))
"""


def test_a_command_that_starts_a_run_says_a_mistake_in_one_line_and_a_process_keeps_its_traceback(
    tmp_path: Path,
) -> None:
    of_command, of_scheduler = run(COMMAND, home=tmp_path)
    assert of_command == [
        "Dag id x not found",
        "unknown key",
        "DagRun conf must be a JSON object or null",
        "the conf is no JSON: Expecting value: line 1 column 1 (char 0). Nothing was done.",
        "",
    ]
    assert of_scheduler == [""] * 5


PARAMS = """
import json, sys
from stir.dags.run_conf import one_line

errors = [TypeError("cannot unpack non-iterable int object"), ValueError("not enough values to unpack")]
given = [["-t", "[1]"], ['--task-params="a"'], ["--task-params", "5"], ["-tnull"], ["-t", '{"a": 1}'], []]
of_test = ["tasks", "test", "dag", "task"]
print(json.dumps([[one_line(error, [*of_test, *more]) for error in errors] for more in given]))
"""


def test_params_of_a_task_that_are_no_object_are_named_in_one_line(tmp_path: Path) -> None:
    *refused, of_an_object, of_nothing = run(PARAMS, home=tmp_path)

    sentence = "the params must be a JSON object, not {}. Nothing was done."
    assert refused == [[sentence.format(given)] * 2 for given in ("[1]", '"a"', "5", "null")]
    assert of_an_object == of_nothing == ["", "not enough values to unpack"]


def test_every_param_may_be_left_as_the_form_opens(dags: dict[str, Any]) -> None:
    # The form calls a param required whose type has no null, and missing when its value is null or an empty text.
    empty = {
        (dag_id, name)
        for dag_id, dag in dags.items()
        for name in dag.params
        for param in [dag.params.get_param(name)]
        if param.value in (None, "", []) and "null" not in param.schema.get("type", ())
    }
    assert empty == set()
