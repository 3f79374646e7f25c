"""A model without a query of its own names the file that has it, so that nobody searches for a mart's SQL."""

from __future__ import annotations

import re

import pytest
from jinja2 import Environment

from stir.settings import PROJECT_DIR
from stir.transform.manifest import DbtManifest

NAMED = re.compile(r"^-- SQL: (\S+)$", re.MULTILINE)
SQL_COMMENT = re.compile(r"--[^\n]*")
BODY = "{#- A model's body."


def body_macro(sql: str) -> str | None:
    """The macro whose call a model's query begins with; None where the model has a query of its own."""
    in_call = False
    for _, kind, text in Environment(autoescape=True).lex(sql):
        if kind == "variable_begin":
            in_call, name = True, None
        elif kind == "variable_end":
            in_call = False
        elif in_call:
            if kind == "name" and name is None:
                name = text
                if name != "config":
                    return name
        elif kind == "block_begin" or (kind == "data" and SQL_COMMENT.sub("", text).strip()):
            return None
    return None


@pytest.fixture(scope="module")
def stubs(manifest: DbtManifest) -> dict[str, str]:
    """Model to the macro that is its query."""
    found = {name: body_macro(model.node["raw_code"]) for name, model in manifest.models.items()}
    return {name: macro for name, macro in found.items() if macro}


def test_every_stub_names_the_file_of_the_macro_that_it_calls(manifest: DbtManifest, stubs: dict[str, str]) -> None:
    files = {macro["name"]: macro["original_file_path"] for macro in manifest.raw["macros"].values()}
    named = {name: NAMED.findall(model.node["raw_code"]) for name, model in manifest.models.items()}

    assert len(stubs) > 40
    assert {name: named[name] for name in stubs if named[name] != [files[stubs[name]]]} == {}
    assert {name: paths for name, paths in named.items() if paths and name not in stubs} == {}
    assert [path for paths in named.values() for path in paths if not (PROJECT_DIR / path).is_file()] == []


def test_the_macros_that_are_models_say_so(manifest: DbtManifest, stubs: dict[str, str]) -> None:
    said = {path.stem for path in (PROJECT_DIR / "macros").rglob("*.sql") if path.read_text().startswith(BODY)}

    assert said == set(stubs.values())


@pytest.mark.parametrize(
    ("sql", "macro"),
    [
        ("{{ config(pre_hook=['{{ record() }}']) }}\n-- Grain: one row per id.\n{{ build('x') }}", "build"),
        ("{{ build('x') }}\nwhere true", "build"),
        ("{{ config(a=1) }}\nselect {{ build('x') }}", None),
        ("{{ config(a=1) }}\n{%- set a = 1 %}\nselect {{ build('x') }}", None),
    ],
)
def test_a_stub_is_recognised(sql: str, macro: str | None) -> None:
    assert body_macro(sql) == macro
