"""The assets by which one DAG tells another that data changed. A mart and a published table are an asset each."""

from __future__ import annotations

from airflow.sdk import Asset


def mart_asset(mart: str) -> Asset:
    """The asset of a mart in ClickHouse, updated when its model was built and its data tests passed."""
    return Asset(name=mart, uri=f"stir://mart/{mart}")


def published_asset(table: str, target: str) -> Asset:
    """The asset of a table in PostgreSQL, updated when a new generation was swapped in."""
    return Asset(name=f"{target}.{table}", uri=f"stir://published/{target}/{table}")
