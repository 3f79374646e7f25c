"""What dbt's chosen nodes need to be there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from stir.transform import inputs


def _node(unique_id: str, *reads: str, schema: str = "stir", is_ephemeral: bool = False) -> SimpleNamespace:
    kind, _, name = unique_id.split(".")
    return SimpleNamespace(
        unique_id=unique_id,
        resource_type=kind,
        schema=schema,
        alias=name,
        identifier=name,
        depends_on_nodes=reads,
        is_ephemeral=is_ephemeral,
    )


SEED, STAGED, MART = "seed.stir.countries", "model.stir.staged", "model.stir.mart"
PART, WHOLE = "model.stir.part", "model.stir.whole"
UNIT, TEST = "unit_test.stir.rule", "test.stir.unique"
FEED, NOTES = "source.stir.feed", "source.stir.notes"
NODES = {
    node.unique_id: node
    for node in (
        _node(SEED),
        _node(STAGED, FEED, NOTES),
        _node(MART, STAGED, SEED),
        _node(PART, STAGED, is_ephemeral=True),
        _node(WHOLE, PART, SEED),
        _node(TEST, MART),
    )
}
SOURCES = {FEED: _node(FEED, schema="beat"), NOTES: _node(NOTES)}
MANIFEST = SimpleNamespace(nodes=NODES, sources=SOURCES)


@pytest.mark.parametrize(
    ("chosen", "sources", "models", "seeds"),
    [
        ((SEED,), set(), set(), set()),
        ((MART,), set(), {("stir", "staged")}, {("stir", "countries")}),
        ((MART, SEED), set(), {("stir", "staged")}, set()),
        ((STAGED,), {("beat", "feed")}, set(), set()),  # the notes are made by the model itself
        ((STAGED, MART), {("beat", "feed")}, set(), {("stir", "countries")}),
        ((WHOLE,), set(), {("stir", "staged")}, {("stir", "countries")}),  # a part has no table of its own
        ((PART, WHOLE), set(), {("stir", "staged")}, {("stir", "countries")}),
        ((TEST,), set(), {("stir", "mart")}, set()),
        ((TEST, SEED), set(), set(), set()),  # a test that came along with the seed
        ((FEED,), {("beat", "feed")}, set(), set()),  # is it fresh?
    ],
)
def test_only_what_the_chosen_nodes_read_and_do_not_make_is_needed(
    chosen: tuple[str, ...], sources: set[Any], models: set[Any], seeds: set[Any]
) -> None:
    found = inputs.inputs(MANIFEST, [NODES.get(name) or SOURCES[name] for name in chosen])
    assert found == {"source": sources, "model": models, "seed": seeds}


def test_a_unit_test_needs_what_its_model_reads() -> None:
    assert inputs.inputs(MANIFEST, [_node(UNIT, MART)])["seed"] == {("stir", "countries")}


def test_a_deferred_run_reads_models_and_seeds_elsewhere() -> None:
    found = inputs.inputs(MANIFEST, [NODES[MART], NODES[STAGED]], deferred=True)
    assert found == {"source": {("beat", "feed")}, "model": set(), "seed": set()}
