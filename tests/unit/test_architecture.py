"""Promises about the shape of the code: arrows point one way, files stay readable, nothing leaks a machine."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT_DIR / "plugins" / "stir"
LAYERS = (
    ("errors", "settings", "clock"),
    ("connections", "alerts"),
    ("database",),
    ("sources",),
    ("scrape_queue",),
    ("transform",),
    ("triggers",),
    ("publish",),
    ("operations",),
    ("dags",),
    ("world",),
    ("provisioning",),
    ("local",),
    ("cli",),
)
"""Lowest first: a module imports from its own layer and from those before it. See ARCHITECTURE in CONTRIBUTING.md."""
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
MAXIMUM_LINES = {".py": 300, ".sql": 200}


def _imports(source: str) -> set[str]:
    """The parts of `stir` that a module imports, at its top or inside a function."""
    parts = set()
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        parts |= {name.split(".")[1] for name in names if name.startswith("stir.")}
    return parts


def _upward(part: str, source: str) -> set[str]:
    return {target for target in _imports(source) if target in RANK and RANK[target] > RANK[part]}


def _tracked(*suffixes: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [PROJECT_DIR / line for line in listing.stdout.splitlines()]
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem in RANK)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_its_own_layer_and_lower_ones(path: Path) -> None:
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")

    assert part in RANK, f"{part} has no place in LAYERS"
    assert _upward(part, path.read_text()) == set()


def test_the_layer_check_sees_an_upward_import_inside_a_function() -> None:
    assert _upward("publish", "def f():\n    from stir.local import state\n") == {"local"}
    assert _upward("local", "import stir.publish.spec\n") == set()


def test_files_stay_short_enough_to_read() -> None:
    too_long = {
        str(path.relative_to(PROJECT_DIR)): lines
        for path in _tracked(*MAXIMUM_LINES)
        if "tests" not in path.parts and (lines := len(path.read_text().splitlines())) > MAXIMUM_LINES[path.suffix]
    }

    assert too_long == {}


def test_no_tracked_file_names_a_registry_or_somebodys_home() -> None:
    forbidden = re.compile(
        r"index-url[= ]+https?:|registry\.npm|pypi\.org|(?<![\w.])/(?:home|Users)/\w+|(?<![\w.])/wor[k]/"
    )
    found = {
        f"{path.relative_to(PROJECT_DIR)}: {match.group()}"
        for path in _tracked()
        if path != Path(__file__)
        for match in [forbidden.search(path.read_text(errors="ignore"))]
        if match
    }

    assert found == set()
