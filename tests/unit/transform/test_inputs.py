"""What dbt's chosen nodes need to be there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from stir.transform import inputs


def _node(unique_id: str, *reads: str, schema: str = "stir") -> SimpleNamespace:
    kind, _, name = unique_id.split(".")
    return SimpleNamespace(
        unique_id=unique_id, resource_type=kind, schema=schema, alias=name, identifier=name, depends_on_nodes=reads
    )


SEED, STAGED, MART = "seed.stir.countries", "model.stir.staged", "model.stir.mart"
UNIT = "unit_test.stir.rule"
FEED, NOTES = "source.stir.feed", "source.stir.notes"
NODES = {node.unique_id: node for node in (_node(SEED), _node(STAGED, FEED, NOTES), _node(MART, STAGED, SEED))}
SOURCES = {FEED: _node(FEED, schema="beat"), NOTES: _node(NOTES)}
MANIFEST = SimpleNamespace(nodes=NODES, sources=SOURCES)


@pytest.mark.parametrize(
    ("chosen", "sources", "seeds"),
    [
        ((SEED,), set(), set()),
        ((MART,), set(), {("stir", "countries")}),
        ((MART, SEED), set(), set()),
        ((STAGED,), {("beat", "feed")}, set()),  # the notes are made by the model itself
        ((STAGED, MART), {("beat", "feed")}, {("stir", "countries")}),
    ],
)
def test_only_what_the_chosen_nodes_read_and_do_not_make_is_needed(
    chosen: tuple[str, ...], sources: set[Any], seeds: set[Any]
) -> None:
    found = inputs.inputs(MANIFEST, [NODES[name] for name in chosen])
    assert found == {"source": sources, "seed": seeds}


def test_a_unit_test_needs_what_its_model_reads() -> None:
    assert inputs.inputs(MANIFEST, [_node(UNIT, MART)])["seed"] == {("stir", "countries")}


def test_a_freshness_check_needs_the_source_that_it_looks_at() -> None:
    assert inputs.inputs(MANIFEST, [SOURCES[FEED]])["source"] == {("beat", "feed")}


def test_a_deferred_run_reads_its_seeds_elsewhere() -> None:
    assert inputs.inputs(MANIFEST, [NODES[MART]], deferred=True)["seed"] == set()
