"""The assets that connect DAGs: an update of a mart's or published table's asset starts the DAGs that wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow.sdk import Asset


def mart_asset(mart: str) -> Asset:
    """The asset of a mart in ClickHouse, updated when its model was built and its data tests passed."""
    return Asset(name=mart, uri=f"stir://mart/{mart}")


def published_asset(table: str, target: str) -> Asset:
    """The asset of a table in PostgreSQL, updated when a new generation was swapped in."""
    return Asset(name=f"{target}.{table}", uri=f"stir://published/{target}/{table}")


def named_in(condition: Any) -> Iterator[str]:
    """The names of the assets in a condition of a schedule, which may be made of conditions."""
    for part in getattr(condition, "objects", ()):
        if hasattr(part, "objects"):
            yield from named_in(part)
        else:
            yield str(part.name)
