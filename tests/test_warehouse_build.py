"""The data kind: one `dbt build` of everything from nothing, with all unit and data tests, then once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from stir.transform.runner import NodeResult
from stir.transform.warehouse import build_warehouse

if TYPE_CHECKING:
    from stir.settings import Settings
    from stir.world import WorldParameters


def _print_failure(node: NodeResult) -> None:
    if node.failed or node.status == "warn":
        Console().print(f"{node.status}: {node.kind} {node.name}: {node.message}", highlight=False, markup=False)


def test_everything_builds_from_nothing_and_every_dbt_test_passes(settings: Settings, world: WorldParameters) -> None:
    build = build_warehouse(settings, rebuild=True, on_node=_print_failure)

    assert build.run is not None
    kinds = {kind: build.run.count(kind) for kind in ("seed", "model", "unit_test", "test")}
    Console().print(f"dbt build: {kinds}", markup=False)
    assert min(kinds.values()) > 0
    assert {node.status for node in build.run.nodes} <= {"success", "pass", "ok"}


def test_a_build_over_the_same_inputs_is_known_to_be_unneeded(settings: Settings, world: WorldParameters) -> None:
    build_warehouse(settings)

    assert build_warehouse(settings).run is None
