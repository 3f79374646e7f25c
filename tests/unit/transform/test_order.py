"""The models are the catalogue's, each has one owner, and freshness flows one way: all of it from the manifest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter

import pytest

from stir.operations.rules import Rule, names
from stir.transform.manifest import DbtManifest, Model
from stir.transform.ownership import (
    DAG_OF_CADENCE,
    SLOWER_BUT_READ,
    WAITS_FOR,
    cadences,
)
from stir.transform.pace import pace
from stir.transform.reading import cadence_of, models_in
from stir.triggers.warehouse import FOLDER as CANDIDATES
from stir.triggers.warehouse import models_read

CATALOGUE = {
    "staging": 29,
    "discovery": 18,
    "audience": 4,
    "profile_stats": 8,
    "profile_stats_partial": 6,
    "posts": 3,
    "orders": 1,
    "data_request": 2,
    "leaderboard": 14,
    "genre": 7,
    "collection": 13,
    "staging_collection": 9,
}
"""Models by family: the 112 of the catalogue, and two that hold what histories of accounts say."""

APPLICATION = {
    "mart_collection",
    "mart_collection_totals_ts",
    "mart_creator",
    "mart_creator_post",
    "mart_rank_movement",
}
"""Models beside the catalogue, for what the application shows and no model of it has."""

SQL_COMMENTS = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
SELECT_ALL_OF_SOURCE = re.compile(
    r"\bselect\s+(?:\w+\.)?\*(?:(?!\bfrom\b).)*\bfrom\s+\{\{\s*source\(", re.IGNORECASE | re.DOTALL
)


def slower_tables(manifest: DbtManifest) -> Iterator[tuple[Model, Model]]:
    """Each model with the stored models of a slower cadence behind what it reads."""
    for model in manifest.models.values():
        for table in manifest.tables_read(model):
            if pace(table.cadences[0]) > pace(model.cadences[0]):
                yield model, table


def selects_all_of_a_source(sql: str) -> bool:
    return bool(SELECT_ALL_OF_SOURCE.search(sql))


def literal_schemas(sql: str, schemas: set[str]) -> set[str]:
    """Tables in the SQL that are named by schema instead of ref() or source()."""
    names = "|".join(sorted(map(re.escape, schemas)))
    return set(re.findall(rf"\b(?:from|join|in)\s+\(?`?((?:{names})`?\.`?\w+)", sql, re.IGNORECASE))


def test_the_models_are_the_catalogues_by_family(manifest: DbtManifest) -> None:
    found = Counter(model.family for model in manifest.models.values())
    beside = {model.name for model in manifest.models.values() if model.family == "application"}

    assert sum(CATALOGUE.values()) == 112 + 2
    assert found == {**CATALOGUE, "application": len(APPLICATION)}
    assert beside == APPLICATION


def test_every_model_has_exactly_one_cadence_and_so_one_dag(manifest: DbtManifest) -> None:
    assert {name: model.cadences for name, model in manifest.models.items() if len(model.cadences) != 1} == {}
    assert len(set(DAG_OF_CADENCE.values())) == len(DAG_OF_CADENCE)


def test_two_cadences_or_none_would_be_noticed() -> None:
    assert cadences(["core", "daily", "published"]) == ["core", "daily"]
    assert cadences(["cor"]) == []


def test_selecting_every_cadence_selects_every_model_once(manifest: DbtManifest) -> None:
    selected = [name for cadence in DAG_OF_CADENCE for name, m in manifest.models.items() if cadence in m.node["tags"]]

    assert sorted(selected) == sorted(manifest.models)


def test_a_faster_cadence_reads_a_slower_one_only_for_a_stated_reason(manifest: DbtManifest) -> None:
    slower = list(slower_tables(manifest))

    assert {(model.name, table.name) for model, table in slower if table.name not in SLOWER_BUT_READ} == set()
    unused = set(SLOWER_BUT_READ) - {table.name for _, table in slower}
    assert unused == set(), "a reason that no model needs any more"
    assert all(reason.strip() for reason in SLOWER_BUT_READ.values())


def test_a_cadence_waits_for_every_other_that_it_reads_and_that_is_not_slower(manifest: DbtManifest) -> None:
    read: dict[str, set[str]] = {cadence: set() for cadence in DAG_OF_CADENCE}
    for model in manifest.models.values():
        own = model.cadences[0]
        others = {table.cadences[0] for table in manifest.tables_read(model)} - {own}
        read[own] |= {name for name in others if pace(name) <= pace(own)}

    assert read == {cadence: set(awaited) for cadence, awaited in WAITS_FOR.items()}


def test_the_files_of_the_models_say_the_cadences_that_dbt_knows(manifest: DbtManifest) -> None:
    assert {name: cadence_of(name) for name in manifest.models} == {
        name: model.cadences[0] for name, model in manifest.models.items()
    }


def test_what_triggers_and_rules_read_are_models(manifest: DbtManifest) -> None:
    read = {path.stem: models_read(path.stem) for path in CANDIDATES.glob("*.sql")}
    read |= {name: Rule(name).models_read for name in names()}

    assert {
        name: models - manifest.models.keys() for name, models in read.items() if models - manifest.models.keys()
    } == {}
    assert read["instagram_tracked_profiles"] == {"mart_instagram_tracked_profiles", "stg_beat_scrape_request_log"}
    assert read["recommend_campaigns"]


def test_a_model_that_only_a_comment_names_is_not_read() -> None:
    text = "-- not mart_a\nselect 1 from {{ ref('mart_b') }} /* nor stg_c */ join stg_d as stg {# mart_e #}"

    assert models_in(text) == {"mart_b", "stg_d"}


def test_no_two_cadences_wait_for_each_other() -> None:
    order = list(TopologicalSorter(WAITS_FOR).static_order())

    assert sorted(order) == sorted(DAG_OF_CADENCE)


def test_no_model_selects_all_columns_of_a_source(manifest: DbtManifest) -> None:
    macros = {macro["name"]: macro["macro_sql"] for macro in manifest.raw["macros"].values() if _is_ours(macro)}
    models = {name: model.node["raw_code"] for name, model in manifest.models.items()}

    assert [name for name, sql in (macros | models).items() if selects_all_of_a_source(_code(sql))] == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select * from {{ source('beat', 'post') }}", True),
        ("select p.*\nfrom {{source('beat', 'post')}} as p", True),
        ("select * from known union all select id from {{ source('beat', 'post') }}", False),
        ("select id from {{ source('beat', 'post') }}", False),
    ],
)
def test_selecting_all_of_a_source_is_recognised(sql: str, expected: bool) -> None:
    assert selects_all_of_a_source(sql) is expected


def test_no_model_or_macro_names_a_schema(manifest: DbtManifest) -> None:
    schemas = {source["schema"] for source in manifest.sources} | {"stir"}
    named = {
        node["name"]: literal_schemas(_code(node.get("raw_code") or node.get("macro_sql", "")), schemas)
        for kind in ("nodes", "macros")
        for node in manifest.raw[kind].values()
        if _is_ours(node)
    }

    assert {name: tables for name, tables in named.items() if tables} == {}
    assert literal_schemas("select 1 from beat_replica.order join `stir`.`x`", schemas) == {
        "beat_replica.order",
        "stir`.`x",
    }


def _is_ours(node: dict[str, object]) -> bool:
    return node["package_name"] == "stir"


def _code(sql: str) -> str:
    return SQL_COMMENTS.sub("", sql)
