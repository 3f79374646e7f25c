"""Rooms that run as containers of their own import neither Airflow nor dbt, not even through a room below."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from stir.settings import PROJECT_DIR

ROOMS = [
    "connections",
    "sources",
    "scrape_queue",
    "database",
    "publish",
    "triggers",
    "lineage",
    "ingest",
    "collector",
    "authenticity",
    "app",
]

BLOCKED = """
import importlib, json, pkgutil, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"airflow", "dbt", "airflow_dbt_python"}:
            raise ImportError(f"{name} is not installed here")

sys.meta_path.insert(0, Refuse())
failed, tried = {}, 0
for room in json.loads(sys.argv[1]):
    name, names = room, [room]
    try:
        package = importlib.import_module(room)
        names += [each.name for each in pkgutil.walk_packages(getattr(package, "__path__", []), f"{room}.")]
        for name in names:
            tried += 1
            importlib.import_module(name)
    except ImportError as error:
        failed[name] = str(error)
print(json.dumps([tried, failed]))
"""


OTHERS = ["stir.dags.base", "stir.transform.operators"]
"""Rooms that do import Airflow: with them the block is seen to work."""


@pytest.fixture(scope="module")
def imported() -> tuple[int, dict[str, str]]:
    """How many modules were imported, and the first of each room that could not be, with the reason."""
    ended = subprocess.run(
        [sys.executable, "-P", "-c", BLOCKED, json.dumps([*(f"stir.{room}" for room in ROOMS), *OTHERS])],
        env={**os.environ, "PYTHONPATH": str(PROJECT_DIR / "plugins")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    tried, failed = json.loads(ended.stdout)
    return tried, failed


def test_no_room_of_its_own_imports_airflow_or_dbt(imported: tuple[int, dict[str, str]]) -> None:
    tried, failed = imported
    assert {room: why for room, why in failed.items() if room not in OTHERS} == {}
    assert tried > 50


@pytest.mark.parametrize("room", OTHERS)
def test_the_block_is_noticed(imported: tuple[int, dict[str, str]], room: str) -> None:
    assert "airflow" in imported[1][room]
