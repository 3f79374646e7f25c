"""Which source tables of a server lack what lets an increment read only what came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stir.sources.layout import ARRIVED, LAYOUTS, PROJECTIONS

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


def gaps(client: Client) -> Iterator[str]:
    """A line for each source table that is there and whose increments read more than what came.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: the server is away.
    """
    names = {"names": list(LAYOUTS)}
    tables = client.query(
        "select concat(database, '.', name) as source, sorting_key from system.tables"
        " where source in {names:Array(String)} order by source",
        parameters=names,
    ).result_rows
    indexed = {
        source
        for (source,) in client.query(
            "select concat(database, '.', table) as source from system.data_skipping_indices"
            " where source in {names:Array(String)} and name = {index:String}",
            parameters={**names, "index": ARRIVED},
        ).result_rows
    }
    declared: dict[str, set[str]] = {}
    for source, projection in client.query(
        "select concat(database, '.', table) as source, name from system.projections"
        " where source in {names:Array(String)}",
        parameters=names,
    ).result_rows:
        declared.setdefault(source, set()).add(projection)
    for source, sorting_key in tables:
        wanted = LAYOUTS[source].stored_by
        missing = [f"not sorted by {wanted}"] if wanted and sorting_key.split(",")[0].strip(" `") != wanted else []
        missing += [f"no index {ARRIVED}"] if LAYOUTS[source].moments and source not in indexed else []
        missing += [f"no projection {name}" for name in PROJECTIONS if name not in declared.get(source, set())]
        if missing:
            yield f"{source}: {', '.join(missing)}"
