"""The metric dictionary is complete, is what the models say, and is what docs/metrics.md has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stir.cli import definitions
from stir.errors import StirError
from stir.transform.manifest import DbtManifest, Model
from stir.transform.metrics import DICTIONARY, defined_at, numbers, own_attributes, own_metrics, render, undefined

WITHOUT_METRICS = {"mart_youtube_subscriber", "mart_youtube_subscriber_staging"}
"""Marts that hold numbers of no meaning of their own."""


def model(meta: dict[str, Any], **columns: str) -> Model:
    return Model(
        {
            "name": "mart_example",
            "original_file_path": "models/mart_example.sql",
            "columns": {name: {"data_type": data_type} for name, data_type in columns.items()},
            "config": {"meta": meta},
        }
    )


GOOD = {"formula": "a / b", "unit": "fraction", "window": "the day"}


def test_the_committed_dictionary_is_the_one_that_the_models_give(manifest: DbtManifest) -> None:
    assert DICTIONARY.read_text() == render(manifest), "run `./stir metrics --write`"


def test_the_definitions_of_the_application_are_up_to_date(manifest: DbtManifest) -> None:
    assert definitions.FILE.read_text() == definitions.render(manifest), "run `./stir metrics --write`"
    table = json.loads(definitions.FILE.read_text())["tables"]["leaderboard"]
    assert table["columns"]["followers_rank"]["formula"]
    assert table["data_within_hours"] > 0


def test_every_number_of_every_mart_is_a_metric_or_says_that_it_is_none(manifest: DbtManifest) -> None:
    marts = [mart for mart in manifest.models.values() if mart.family != "staging"]
    missing = {
        mart.name: columns
        for mart in marts
        if mart.name not in WITHOUT_METRICS and (columns := undefined(manifest, mart))
    }

    assert missing == {}, "say under config.meta what these numbers are (stir/transform/metrics.py)"


def test_a_number_that_nobody_defined_is_noticed(manifest: DbtManifest) -> None:
    mart = model(
        {"metrics": {"likes*": GOOD}, "other_numbers": ["_version"]},
        id="String",
        likes_sum="Int64",
        _version="UInt64",
        plays="Map(String, Float64)",
    )

    assert numbers(mart) == ["likes_sum", "_version", "plays"]
    assert undefined(manifest, mart) == ["plays"]
    assert defined_at(manifest, mart) == {"likes_sum": "mart_example"}


@pytest.mark.parametrize(
    ("meta", "complaint"),
    [
        ({"metrics": {"likes": {"formula": "x", "unit": "likes"}}}, "metric likes lacks window"),
        ({"metrics": {"likes": {**GOOD, "tie": "id"}}}, "metric likes has tie"),
        ({"metrics": {"like": GOOD}}, "metric like is about no column"),
    ],
)
def test_a_definition_that_is_incomplete_or_about_nothing_is_refused(meta: dict[str, Any], complaint: str) -> None:
    with pytest.raises(StirError, match=complaint):
        own_metrics(model(meta, likes="Int64"))


def test_defaults_and_the_first_fitting_pattern_count() -> None:
    metrics = {"followers_change_rank*": GOOD, "followers_*": {**GOOD, "window": "week", "version": 2}}
    mart = model(
        {"metric_defaults": {"ties": "id"}, "metrics": metrics}, followers_change_rank="Int64", followers_up="Int64"
    )

    first, second = own_metrics(mart)
    assert (first.columns, second.columns) == (("followers_change_rank",), ("followers_up",))
    assert (first.definition.ties, second.definition.window, second.definition.version) == ("id", "week", 2)


def test_the_rule_of_an_attribute_is_written_and_found_where_it_is_read_again(manifest: DbtManifest) -> None:
    mart = model({"attributes": {"category": "the first\n known|of two"}}, category="String", plays="Int64")

    assert own_attributes(mart) == {"category": "the first\n known|of two"}
    assert undefined(manifest, mart) == ["plays"], "a rule defines no number"
    read_again = defined_at(manifest, manifest.models["mart_instagram_account"], attributes=True)
    assert read_again["category"] == "mart_instagram_account_base"
    with pytest.raises(StirError, match="attribute kind is no column of mart_example"):
        own_attributes(model({"attributes": {"kind": "x"}}, category="String"))
