"""The specs of published tables against the dbt contracts of their marts: two places, one promise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from stir.connections import Target
from stir.publish.checks.contract import mart_differences
from stir.publish.spec import PublishSpec
from stir.publish.tables import SPECS
from stir.settings import PROJECT_DIR

MARTS = PROJECT_DIR / "models" / "marts"


def contract(mart: str) -> dict[str, Any]:
    """The YAML entry of a mart."""
    for file in sorted(Path(MARTS).rglob("*.yml")):
        for model in (yaml.safe_load(file.read_text()) or {}).get("models", []):
            if model["name"] == mart:
                return model  # type: ignore[no-any-return]
    raise AssertionError(f"no contract of {mart} under {MARTS}")


@pytest.mark.parametrize("target", get_args(Target))
@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
def test_a_mart_promises_every_published_column_with_its_type(spec: PublishSpec, target: Target) -> None:
    promised = {column["name"]: column["data_type"] for column in contract(spec.mart_of(target))["columns"]}
    if spec.query:  # what it makes of these columns, ClickHouse says: tests/integration/publish/test_warehouse.py
        assert set(re.findall(r"\w+", spec.query)) & set(promised)
        return
    assert list(mart_differences(spec, promised)) == []
    order = [name for name in promised if name in {column.name for column in spec.columns}]
    assert order == [column.name for column in spec.columns], "the published order is the mart's"


@pytest.mark.parametrize("target", get_args(Target))
@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
def test_every_text_of_a_key_or_an_index_is_bounded_in_its_mart(spec: PublishSpec, target: Target) -> None:
    mart = contract(spec.mart_of(target))
    columns = {column["name"]: column for column in mart["columns"]}
    lists = {one: many for many, one in re.findall(r"arrayJoin\((\w+)\) as (\w+)", spec.query or "")}
    # An index of words has an entry for each, and words are trigrams.
    indexed = {*spec.key, *(name for index in spec.indexes if not index.words for name in index.columns)}
    texts = {name for name in (lists.get(name, name) for name in indexed) if "String" in columns[name]["data_type"]}
    of_a_closed_list = {name for name in texts if "accepted_values" in str(columns[name].get("data_tests"))}
    bounded = [
        test["fits_an_index"]["arguments"]["columns"] for test in mart.get("data_tests", []) if "fits_an_index" in test
    ]

    assert texts - of_a_closed_list <= {name for names in bounded for name in names}
