"""The two families of collection models are one: apart from their parameters, no word of their SQL differs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stir.settings import PROJECT_DIR
from stir.transform.runner import run_dbt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stir.settings import Settings

FAMILY = [
    "collection_post_imputed",
    "collection_post_ts",
    "collection_post",
    "post_collection_post_ts",
    "post_collection_instagram_post_ts",
    "post_collection_youtube_post_ts",
    "profile_collection_post_ts",
    "profile_collection_instagram_post_ts",
    "profile_collection_youtube_post_ts",
]
ITEMS = [
    "post_collection_item",
    "profile_collection_item",
    "view_instagram_account_lite",
    "view_youtube_account_lite",
]
TWINS = [(f"mart_{name}", f"mart_staging_{name}") for name in FAMILY] + [
    (f"stg_coffee_{name}", f"stg_coffee_staging_{name}") for name in ITEMS
]


def _put_production(sql: str) -> str:
    """SQL of the pre-production family with the parameters of the production one."""
    return (
        sql.replace("mart_staging_", "mart_")
        .replace("stg_coffee_staging_", "stg_coffee_")
        .replace("`coffee_stage`", "`coffee_replica`")
    )


@pytest.fixture(scope="module")
def compiled(
    settings: Settings, written_to: Callable[[Path], list[str]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Every model's compiled SQL by its name."""
    target: Path = tmp_path_factory.mktemp("compiled")
    names = [name for pair in TWINS for name in pair]
    command = ["compile", "--select", *names, *written_to(target), "--log-path", str(target)]
    run_dbt(settings, command).raise_for_failure()
    nodes: dict[str, Any] = json.loads((target / "manifest.json").read_text())["nodes"]
    return {node["name"]: node["compiled_code"] for node in nodes.values() if node.get("compiled_code")}


@pytest.mark.parametrize(("production", "staging"), TWINS, ids=lambda name: name)
def test_twins_differ_only_in_their_parameters(compiled: dict[str, str], production: str, staging: str) -> None:
    assert compiled[staging] != compiled[production]
    assert _put_production(compiled[staging]) == compiled[production]


def test_every_twin_of_the_folder_is_compared() -> None:
    folder = PROJECT_DIR / "models" / "marts" / "staging_collection"
    staged = {path.stem for path in folder.glob("*.sql")}

    assert staged == {staging for _, staging in TWINS if staging.startswith("mart_")}


def test_a_drift_of_one_word_is_seen(compiled: dict[str, str]) -> None:
    drifted = compiled["mart_staging_collection_post_imputed"].replace("item.is_enabled", "true", 1)

    assert _put_production(drifted) != compiled["mart_collection_post_imputed"]
