"""Intermediate models: parts of the SQL of marts, without a table of their own, and of no concern to anybody else."""

from __future__ import annotations

from stir.transform.manifest import DbtManifest

GRAIN = "-- Grain: one row per "


def test_the_intermediate_models_are_private_parts_of_marts(manifest: DbtManifest) -> None:
    parts = manifest.intermediate

    assert len(parts) >= 4
    assert {name for name, part in parts.items() if part.node["fqn"][1] != "intermediate"} == set()
    assert {name for name in parts if not name.startswith("int_")} == set()
    assert {name: part.node["access"] for name, part in parts.items() if part.node["access"] != "private"} == {}
    assert {name: part.cadences for name, part in parts.items() if part.cadences} == {}, "no DAG builds a part"


def test_every_intermediate_model_is_read_states_its_grain_and_has_unit_tests(manifest: DbtManifest) -> None:
    read = {unique_id for model in manifest.models.values() for unique_id in model.node["depends_on"]["nodes"]}
    tested = {test["model"] for test in manifest.raw["unit_tests"].values()}
    parts = manifest.intermediate.values()

    assert [part.name for part in parts if part.node["unique_id"] not in read] == []
    assert [part.name for part in parts if not part.node["raw_code"].startswith(GRAIN)] == []
    assert [part.name for part in parts if "one row per" not in part.node["description"]] == []
    assert sorted({part.name for part in parts} - tested) == []


def test_a_mart_reads_what_its_parts_read(manifest: DbtManifest) -> None:
    mart = manifest.models["mart_instagram_account_base"]
    read = {model.name for model in manifest.reads(mart)}

    assert {"mart_linked_socials", "mart_instagram_account_activity", "stg_beat_asset_log"} <= read
    assert read.isdisjoint(manifest.intermediate)
    assert "source.stir.vendor.instagram_profiles" in manifest.nodes_read(mart)
