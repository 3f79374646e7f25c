"""What our texts point to exists: decisions, pages, and the models, columns, variables and seeds of the dictionary."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from stir.settings import PROJECT_DIR
from stir.transform.manifest import DbtManifest
from stir.transform.metrics import DICTIONARY

DECISIONS = {path.stem for path in (PROJECT_DIR / "docs" / "decisions").glob("[0-9]*.md")}
NUMBERED = re.compile(r"\bdecisions?\s+\[?(\d+)\b", re.IGNORECASE)
FILED = re.compile(r"decisions/([\w-]*\d[\w-]*)(\.md)?")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
MODEL = re.compile(r"\b(?:mart|stg)_\w*[a-z0-9]\b")
OF_MODEL = re.compile(r"\b([a-z]+(?:_[a-z0-9]+)+) of ((?:mart|stg)_\w*[a-z0-9])\b")
VARIABLE = re.compile(r"\bvar (\w+)")
SEED = re.compile(r"\bseed (\w+)")
VARIABLES = set(yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text())["vars"])
SEEDS = {path.stem for path in PROJECT_DIR.glob("seeds/*.csv")}


def texts() -> Iterator[tuple[Path, str]]:
    """The texts of the project, without the tests, which may name what does not exist."""
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT_DIR, check=True, capture_output=True, text=True).stdout
    for name in listed.splitlines():
        path = PROJECT_DIR / name
        is_text = path.suffix in {".md", ".py", ".sql", ".yml", ".yaml", ".toml"} and path.is_file()
        if is_text and not name.startswith("tests/"):
            yield path.relative_to(PROJECT_DIR), path.read_text()


def dangling_decisions(text: str) -> list[str]:
    """The decisions that a text names and that are not kept."""
    numbers = {stem[:4] for stem in DECISIONS}
    found = [number for number in NUMBERED.findall(text) if number not in numbers]
    return found + [stem for stem, _ in FILED.findall(text) if stem not in DECISIONS | numbers]


def dangling_words(text: str, manifest: DbtManifest) -> list[str]:
    """The models, columns, variables and seeds that the dictionary names and the project has not."""
    models = manifest.models
    found = [name for name in MODEL.findall(text) if name not in models]
    found += [
        f"{column} of {name}"
        for column, name in OF_MODEL.findall(text)
        if name in models and column not in models[name].columns
    ]
    found += [f"var {name}" for name in VARIABLE.findall(text) if name not in VARIABLES]
    return found + [f"seed {name}" for name in SEED.findall(text) if name not in SEEDS]


def test_every_decision_that_a_text_names_is_kept() -> None:
    assert {str(path): found for path, text in texts() if (found := dangling_decisions(text))} == {}


def test_every_page_that_a_page_links_exists() -> None:
    missing = [
        f"{path}: {target}"
        for path, text in texts()
        if path.suffix == ".md"
        for target in LINK.findall(text)
        if not (PROJECT_DIR / path.parent / target).exists()
    ]
    assert missing == []


def test_the_dictionary_names_models_columns_variables_and_seeds_that_exist(manifest: DbtManifest) -> None:
    assert dangling_words(DICTIONARY.read_text(), manifest) == []


def test_every_description_of_a_model_names_what_exists(manifest: DbtManifest) -> None:
    said = {
        f"{model.name}.{column['name']}": column["description"]
        for model in manifest.models.values()
        for column in model.node["columns"].values()
    }
    assert {place: found for place, text in said.items() if (found := dangling_words(text, manifest))} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("estimated (decision 8)", ["8"]),
        ("decision [0999](decisions/0999-none.md)", ["0999", "0999-none"]),
        ("decision 0005, docs/decisions/0005-swap-by-rename.md", []),
    ],
)
def test_a_decision_that_is_not_kept_is_noticed(text: str, found: list[str]) -> None:
    assert dangling_decisions(text) == found


def test_a_word_that_points_to_nothing_is_noticed(manifest: DbtManifest) -> None:
    text = "likes_sum of mart_time_series, mart_nothing, var no_cut, seed no_seed, watched_views of mart_time_series"
    assert dangling_words(text, manifest) == [
        "mart_nothing",
        "likes_sum of mart_time_series",
        "var no_cut",
        "seed no_seed",
    ]
