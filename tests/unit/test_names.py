"""Names that were replaced by the field's standard terms do not come back."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from stir.settings import PROJECT_DIR

LIST = Path(__file__).with_name("retired_names.toml")
RETIRED: dict[str, dict[str, str]] = tomllib.loads(LIST.read_text(encoding="utf-8"))
FOLDERS = ("plugins", "dags", "bench", "tests")


def declared(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of everything that a module gives a name to."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.alias(name=name, asname=other):
                yield node.lineno, other or name.rpartition(".")[2]


def retired_in(path: str, source: str) -> list[str]:
    """One line for each retired name in a module: its own path, and what it declares."""
    module = path.removesuffix(".py").removesuffix("/__init__")
    ends = [end for end in RETIRED["modules"] if f"/{module}".endswith(f"/{end}") or f"/{end}/" in f"/{module}"]
    found = [f"{path}: call the module {RETIRED['modules'][end]}, not {end}" for end in ends]
    names = RETIRED["identifiers"]
    return found + [
        f"{path}:{line}: write {names[name]} instead of {name}"
        for line, name in declared(ast.parse(source))
        if name in names
    ]


def test_no_retired_name_comes_back() -> None:
    paths = [path for folder in FOLDERS for path in (PROJECT_DIR / folder).rglob("*.py")]
    assert len(paths) > 300
    found = [
        line
        for path in paths
        for line in retired_in(str(path.relative_to(PROJECT_DIR)), path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("plugins/stir/publish/blame.py", ""),
        ("bench/ways/peers.py", ""),
        ("plugins/stir/cli/utils.py", ""),
        ("plugins/stir/x.py", "class Leader: ..."),
        ("plugins/stir/x.py", "def tell() -> None: ..."),
        ("plugins/stir/x.py", "def f(alone: bool) -> None: ..."),
        ("plugins/stir/x.py", "for told in (): ..."),
        ("plugins/stir/x.py", "self.room_left = 1"),
        ("plugins/stir/x.py", "from stir.triggers.plan import Room"),
        ("plugins/stir/x.py", "import stir.x as comfort"),
    ],
)
def test_every_kind_of_name_is_looked_at(path: str, source: str) -> None:
    assert retired_in(path, source)


def test_a_name_that_only_contains_a_retired_one_is_free() -> None:
    assert not retired_in("plugins/stir/publish/carrying.py", "class Roomy: ...\nretold = 1")
