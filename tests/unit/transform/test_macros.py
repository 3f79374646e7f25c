"""Every macro stands in a file of its own, in the folder of what it does, and is documented in that folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stir.settings import PROJECT_DIR
from stir.transform.manifest import DbtManifest

MACROS = PROJECT_DIR / "macros"
GENERIC_TESTS = PROJECT_DIR / "tests" / "data" / "generic"
BEGIN = re.compile(r"\{%-?\s*(macro|test)\s+(\w+)\((.*?)\)\s*-?%\}", re.DOTALL)
MATERIALIZATION = re.compile(r"\{%-?\s*materialization (\w+), adapter='(\w+)'\s*-?%\}")
BLOCK = re.compile(r"\{#.*?#\}", re.DOTALL)


def home_of_documentation(path: Path) -> str:
    """The YAML file that documents the macro in this file, with dbt's name of the project before it."""
    folder = path.parent
    name = "_generic_tests.yml" if folder == GENERIC_TESTS else f"_{folder.name}_macros.yml"
    return f"stir://{(folder / name).relative_to(PROJECT_DIR)}"


def parameters(kind: str, signature: str) -> list[str]:
    """The names of a macro's parameters; those of a generic test are without the tested model and column."""
    names = re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"\[[^\]]*\]", "", signature))
    return [name for name in names if kind == "macro" or name not in {"model", "column_name"}]


@pytest.fixture(scope="module")
def files() -> dict[str, Path]:
    """Each file with a macro or a generic test, by what dbt calls what it holds."""
    tests = {f"test_{path.stem}": path for path in GENERIC_TESTS.glob("*.sql")}
    return {path.stem: path for path in MACROS.rglob("*.sql")} | tests


def test_every_macro_is_in_a_folder_and_in_a_file_of_its_name(files: dict[str, Path]) -> None:
    assert [path.name for path in MACROS.glob("*.sql")] == [], "these lie beside the folders"
    held = {}
    for name, path in files.items():
        text = BLOCK.sub("", path.read_text())
        held[name] = [found[2] for found in BEGIN.finditer(text)]
        held[name] += [f"materialization_{found[1]}_{found[2]}" for found in MATERIALIZATION.finditer(text)]

    assert len(held) > 150
    assert {name: found for name, found in held.items() if found != [name.removeprefix("test_")]} == {}


def test_every_macro_is_documented_in_its_folder(files: dict[str, Path], manifest: DbtManifest) -> None:
    documented = {
        macro["name"]: macro["patch_path"]
        for macro in manifest.raw["macros"].values()
        if macro["package_name"] == "stir" and macro["description"].strip()
    }

    assert {name: documented.get(name) for name in files} == {
        name: home_of_documentation(path) for name, path in files.items()
    }


def test_the_documented_arguments_are_those_of_the_macro(files: dict[str, Path], manifest: DbtManifest) -> None:
    documented = {
        macro["name"]: [argument["name"] for argument in macro["arguments"]]
        for macro in manifest.raw["macros"].values()
        if macro["package_name"] == "stir"
    }
    begun = {name: BEGIN.search(BLOCK.sub("", path.read_text())) for name, path in files.items()}
    needed = {name: parameters(found[1], found[3]) for name, found in begun.items() if found}

    assert {name: needed[name] for name in needed if documented[name] != needed[name]} == {}
