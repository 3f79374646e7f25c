"""Each DAG belongs to a team that the dbt groups know, and to the one that answers for what it builds or publishes."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from stir.settings import PROJECT_DIR
from stir.transform.manifest import DbtManifest, Model

FILES = sorted((PROJECT_DIR / "dags").rglob("*.py"))


def word(text: str, name: str) -> str:
    """The text that a DAG file gives a keyword; empty without it."""
    found = re.search(rf'\b{name}="([^"]+)"', text)
    return found[1] if found else ""


def team(manifest: DbtManifest, model: Model) -> str:
    """Who answers for a model."""
    return str(manifest.raw["groups"][f"group.stir.{model.node['group']}"]["owner"]["name"])


def builders(manifest: DbtManifest, cadence: str) -> str:
    """The team of most marts of a cadence; of its staging models, where it has no mart."""
    models = [model for model in manifest.models.values() if cadence in model.cadences]
    marts = [model for model in models if model.family != "staging"]
    return Counter(team(manifest, model) for model in marts or models).most_common(1)[0][0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_owner_is_the_team_that_answers_for_what_the_dag_makes(manifest: DbtManifest, path: Path) -> None:
    text = path.read_text()
    owner, mart, cadence = (word(text, name) for name in ("owner", "mart", "cadence"))
    marts = re.findall(r'\bmart="([^"]+)"', text)

    assert owner in {group["owner"]["name"] for group in manifest.raw["groups"].values()}
    assert {team(manifest, manifest.models[name]) for name in marts} <= {owner}
    if cadence:
        assert owner == builders(manifest, cadence)
    if not mart and not cadence:
        assert path.parent.name not in ("transform", "publish")


def test_the_work_is_spread_over_teams() -> None:
    owners = Counter(word(path.read_text(), "owner") for path in FILES)

    assert max(owners.values()) * 2 < len(FILES)
    assert len(owners) >= 4
