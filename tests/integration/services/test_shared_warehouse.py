"""The copy of a world and its warehouse that one lane of tests keeps and another takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.shared_warehouse import SharedWarehouse

from stir import connections
from stir.local import ensure_services
from stir.settings import Settings
from stir.world import WorldParameters

WORLD = WorldParameters(creators=10, days=30, seed=3, end=datetime(2026, 6, 15, tzinfo=UTC))


def rows(settings: Settings) -> list[object]:
    """Tables with their row counts, without the server's own."""
    query = """
        select database, name, total_rows from system.tables
        where database not in ('system', 'INFORMATION_SCHEMA', 'information_schema') order by 1, 2
    """
    with connections.clickhouse(settings) as client:
        return list(client.query(query).result_rows)


@pytest.mark.long  # the lanes of a push stand on the copy, and the recomputation compares every value in it
def test_a_lane_takes_the_warehouse_that_another_has_kept_and_no_other(
    checkout: Callable[..., Settings], tmp_path: Path
) -> None:
    builder, taker = (ensure_services(checkout(name), ("clickhouse",)) for name in ("builder", "taker"))
    kept = tmp_path / "kept"
    build = SharedWarehouse(builder, WORLD, kept)
    build.make_world()
    (builder.state_dir / "warehouse-1.json").write_text("the record of the build")
    build.keep()
    nothing = rows(taker)

    SharedWarehouse(taker, replace(WORLD, seed=4), kept).take()
    assert rows(taker) == nothing, "the copy is of another world"

    take = SharedWarehouse(taker, WORLD, kept)
    take.take()
    assert rows(taker) == rows(builder) != nothing
    assert (taker.state_dir / "warehouse-1.json").read_text() == "the record of the build"
    take.make_world()
    take.keep()
    with connections.clickhouse(taker) as client:
        client.command("drop table world.creator")
    SharedWarehouse(taker, WORLD, kept).take()
    assert rows(taker) != rows(builder), "a lane keeps what it has, and has not kept what it took"
