"""Creates the source tables that are missing, so that a warehouse without a world can be loaded and built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stir.sources.contract import contracts
from stir.sources.ddl import create_table, databases

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


def ensure_tables(client: Client) -> int:
    """Create each source table that does not exist; returns how many were created."""
    found = client.query("select concat(database, '.', name) from system.tables").result_rows
    existing = {str(name) for (name,) in found}
    missing = [each for each in contracts() if each.name not in existing]
    for statement in (*databases(missing), *(create_table(each, if_not_exists=True) for each in missing)):
        client.command(statement)
    return len(missing)
