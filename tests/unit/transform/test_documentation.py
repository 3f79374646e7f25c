"""Every model, source and published table says what it is, who answers for it and when it is fresh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from stir.publish.tables import SPECS
from stir.sources.feeds import FEEDS, source_feeds
from stir.transform.manifest import DbtManifest

LOADED_AT = {"updated_at", "insert_timestamp", "loaded_at", "snapshot_date", "created_on"}
"""Columns of source tables that say when a row came."""

SHORTEST_SENTENCE = 20


def owners(manifest: DbtManifest) -> set[str]:
    return {group["name"] for group in manifest.raw["groups"].values() if group["owner"]["email"]}


def watched(source: Mapping[str, Any]) -> bool:
    """Whether `dbt source freshness` looks at the source table."""
    freshness = source["freshness"] or {}
    return bool(source["loaded_at_field"] and (freshness.get("error_after") or {}).get("count"))


def outside(manifest: DbtManifest) -> list[Mapping[str, Any]]:
    """The exposures of readers outside of this project; the others are our own DAGs, and name the SQL that they run."""
    return [exposure for exposure in manifest.exposures if not exposure["config"]["meta"].get("sql")]


def test_every_model_and_column_has_a_description(manifest: DbtManifest) -> None:
    silent = [
        f"{name}.{column}"
        for name, model in manifest.models.items()
        for column, entry in model.node["columns"].items()
        if not entry["description"].strip()
    ]

    assert silent == []
    short = {name for name, model in manifest.models.items() if len(model.node["description"]) < SHORTEST_SENTENCE}
    assert short == set()


def test_every_source_and_its_columns_have_a_description(manifest: DbtManifest) -> None:
    tables = {f"{source['source_name']}.{source['name']}": source for source in manifest.sources}
    silent = [
        f"{table}.{column}"
        for table, source in tables.items()
        for column, entry in source["columns"].items()
        if not entry["description"].strip()
    ]

    assert silent == []
    assert [table for table, source in tables.items() if not (source["description"] and source["columns"])] == []


def test_every_model_has_a_tested_grain_an_enforced_contract_and_an_owner(manifest: DbtManifest) -> None:
    known = owners(manifest)

    assert [name for name, model in manifest.models.items() if not manifest.grain(model)] == []
    assert [name for name, model in manifest.models.items() if not model.node["config"]["contract"]["enforced"]] == []
    assert {
        name: model.node["group"] for name, model in manifest.models.items() if model.node["group"] not in known
    } == {}


def test_no_data_test_asks_for_what_the_type_of_a_column_rules_out(manifest: DbtManifest) -> None:
    """The contract holds the type, and a column that is not Nullable has no NULL to be found."""
    types = {
        (model.node["unique_id"], column): kind
        for model in manifest.models.values()
        for column, kind in model.columns.items()
    }
    asked = [
        (node["attached_node"], node["column_name"])
        for node in manifest.raw["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "not_null"
    ]

    assert [each for each in asked if each in types and "Nullable" not in types[each]] == []
    assert any(each in types for each in asked)


def test_every_bound_binds_a_column_beyond_its_type(manifest: DbtManifest) -> None:
    types = {model.node["unique_id"]: model.columns for model in manifest.models.values()}
    bounds = [
        (node["attached_node"], column, bound)
        for node in manifest.raw["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "values_between"
        for bound in node["test_metadata"]["kwargs"]["bounds"]
        for column in bound["columns"]
    ]

    assert len(bounds) > 200
    assert [each for each in bounds if each[1] not in types[each[0]]] == []
    assert [each for each in bounds if not each[2].keys() > {"columns"}] == []
    assert [each for each in bounds if not each[2].keys() <= {"columns", "at_least", "at_most"}] == []
    no_bound = [
        (model, column)
        for model, column, bound in bounds
        if "UInt" in types[model][column] and bound.get("at_least") == 0 and "at_most" not in bound
    ]
    assert no_bound == []


def test_base_models_are_private_to_their_domain(manifest: DbtManifest) -> None:
    access = {name: model.node["access"] for name, model in manifest.models.items()}
    base = {name for name in access if name.endswith(("_base", "_base_raw"))}

    assert base
    assert {name for name in base if access[name] != "private"} == set()


def test_every_source_with_a_loaded_at_column_is_watched_for_freshness(manifest: DbtManifest) -> None:
    unwatched = [
        f"{source['source_name']}.{source['name']}"
        for source in manifest.sources
        if LOADED_AT & source["columns"].keys() and not watched(source)
    ]

    assert unwatched == []
    assert not watched({"loaded_at_field": "updated_at", "freshness": {"error_after": {"count": None}}})


def test_every_source_is_read_or_says_why_not(manifest: DbtManifest) -> None:
    read = {parent for model in manifest.models.values() for parent in manifest.nodes_read(model)}
    wrong = [
        f"{source['source_name']}.{source['name']}"
        for source in manifest.sources
        if (source["unique_id"] in read) == bool(source["config"]["meta"].get("unread"))
    ]

    assert wrong == [], "these are read by no model and do not say why, or are read and say why not"


def test_every_exposure_rests_on_public_models_and_names_a_page_and_the_team_of_its_mart(manifest: DbtManifest) -> None:
    team = {group["name"]: group["owner"] for group in manifest.raw["groups"].values()}
    for exposure in outside(manifest):
        name, marts = exposure["name"], [manifest.models[reference["name"]] for reference in exposure["refs"]]

        assert [mart.name for mart in marts if mart.node["access"] != "public"] == [], name
        assert re.match(r"https?://[^/]+/stir/(generations|models)/\w+", exposure["url"] or ""), name
        assert {key: exposure["owner"][key] for key in ("name", "email")} in [
            {key: team[mart.node["group"]][key] for key in ("name", "email")} for mart in marts
        ], name
    exposed = {reference["name"] for exposure in outside(manifest) for reference in exposure["refs"]}
    public = {name for name, model in manifest.models.items() if model.node["access"] == "public"}
    assert public == exposed, "a model is public because somebody outside reads it"


def test_every_published_table_has_an_exposure_on_its_mart(manifest: DbtManifest) -> None:
    exposed = {
        exposure["config"]["meta"]["table"]: exposure["refs"][0]["name"]
        for exposure in manifest.exposures
        if exposure["config"]["meta"].get("target") == "prod"
    }

    assert {spec.table: spec.mart for spec in SPECS.values()}.items() <= exposed.items()
    application = manifest.raw["exposures"]["exposure.stir.leaderboard_application"]
    assert {reference["name"] for reference in application["refs"]} == set(exposed.values())
    assert all(exposure["owner"]["email"] and exposure["description"] for exposure in manifest.exposures)


def test_every_model_and_seed_that_a_dag_names_in_its_sql_exists(manifest: DbtManifest) -> None:
    known = {node["name"] for node in manifest.raw["nodes"].values() if node["resource_type"] in ("model", "seed")}
    ours = [exposure for exposure in manifest.exposures if exposure["config"]["meta"].get("sql")]

    assert len(ours) > 30
    assert {
        exposure["name"]: unknown
        for exposure in ours
        if (unknown := {reference["name"] for reference in exposure["refs"]} - known)
    } == {}


def test_the_ages_at_which_sources_are_late_are_those_that_dbt_has(manifest: DbtManifest) -> None:
    dbts = {
        f"{source['source_name']}.{source['name']}": (
            source["loaded_at_field"],
            *(
                timedelta(**{f"{age['period']}s": age["count"]})
                for age in (source["freshness"]["warn_after"], source["freshness"]["error_after"])
            ),
        )
        for source in manifest.sources
        if watched(source)
    }
    read = {name: (feed.column, feed.within, feed.at_most) for name, feed in source_feeds().items()}

    assert read == dbts
    assert set(FEEDS) < read.keys()
