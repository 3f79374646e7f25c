"""Macros that are run once for all files give what sqlfluff gives by itself, in any order of the files."""

from __future__ import annotations

import pytest
from sqlfluff.core import FluffConfig, Linter
from sqlfluff.core.templaters.jinja import JinjaTemplater
from tests.sql_lint import load_macros_once

from stir.settings import PROJECT_DIR

FILES = (
    "models/staging/beat/stg_beat_post_log.sql",
    "macros/time/as_of.sql",
    "tests/data/generic/never_decreases.sql",
    "models/marts/leaderboard/mart_leaderboard.sql",
)
UNKNOWN = "select {{ nobody }} as a from {{ ref('b') }}\n"
"""A file that names what is not there: the name must be unknown to itself, and to the next file."""


def rendered(linter: Linter, text: str, name: str, config: FluffConfig) -> tuple[list[str], list[str]]:
    """The texts of a file's variants, and what is wrong with it."""
    found = linter.render_string(text, name, config, "utf-8")
    return (
        [variant.templated_str for variant in found.templated_variants],
        [error.desc() for error in found.templater_violations],
    )


def all_rendered(names: tuple[str, ...]) -> dict[str, tuple[list[str], list[str]]]:
    found = {}
    for name in names:
        config = FluffConfig.from_path(str(PROJECT_DIR / name))
        text = (PROJECT_DIR / name).read_text()
        found[name] = rendered(Linter(config=config), text, name, config)
        found[f"unknown after {name}"] = rendered(Linter(config=config), UNKNOWN, name, config)
    return found


def test_files_are_rendered_as_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT_DIR)
    wanted = all_rendered(FILES)
    monkeypatch.setattr(JinjaTemplater, "_get_env_context", JinjaTemplater._get_env_context)
    load_macros_once()

    assert all_rendered(FILES[::-1]) == wanted
    assert all(texts and texts[0] for texts, _ in wanted.values())
    assert "Undefined jinja template variable: 'nobody'" in wanted[f"unknown after {FILES[0]}"][1]
