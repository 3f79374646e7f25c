"""Brings the source tables to their contracts: creates those that are missing, and widens those of an older version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from stir.connections import quoted_table
from stir.errors import StirError
from stir.sources.cluster import SHARDED_BY
from stir.sources.compatibility import holds
from stir.sources.contract import Contract, contracts
from stir.sources.ddl import create_table, databases

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_ON_CLUSTER = """
select 1 from system.tables
where concat(database, '.', name) in {names:Array(String)} and engine = 'Distributed' limit 1
"""


def ensure_tables(client: Client) -> int:
    """Create each source table that does not exist, and widen the others; returns how many were created.

    A table gets the columns that a newer version of its contract has added, and the wider types. Nothing is dropped
    or narrowed: the versions of one major are compatible, and a table of another shape is left for its owner.

    Raises:
        StirError: the tables are those of a cluster and lack something; only its operator creates and alters them.
    """
    found = client.query("select database, table, name, type from system.columns").result_rows
    columns: dict[str, dict[str, str]] = {}
    for database, table, name, kind in found:
        columns.setdefault(f"{database}.{table}", {})[str(name)] = str(kind)
    missing = [each for each in contracts() if each.name not in columns]
    statements = [*databases(missing), *(create_table(each, if_not_exists=True) for each in missing)]
    for each in contracts():
        if each.name in columns:
            statements += widenings(each, columns[each.name])
    if statements and client.query(_ON_CLUSTER, parameters={"names": list(SHARDED_BY)}).result_rows:
        raise StirError(
            f"the cluster's source tables are behind their contracts: `{statements[-1].splitlines()[0]}` is missing",
            where=f"{len(statements)} statements",
            do="run the statements of `./stir contracts --ddl --cluster NAME`, and alter what is there on cluster",
        )
    for statement in statements:
        client.command(statement)
    return len(missing)


def widenings(contract: Contract, columns: Mapping[str, str]) -> Iterator[str]:
    """The statements that bring a table with these columns, name to type, to its contract."""
    table, before = quoted_table(contract.database, contract.table), ""
    for field in contract.fields:
        known = columns.get(field.name)
        if known is None:
            place = f"after `{before}`" if before else "first"
            yield f"alter table {table} add column if not exists `{field.name}` {field.type} {place}"
        elif known != field.type and holds(known, field.type) and field.name not in contract.order:
            yield f"alter table {table} modify column `{field.name}` {field.type}"
        before = field.name
