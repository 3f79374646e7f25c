"""The tables of a backfill in ClickHouse: clones of partitions, which copy nothing, and their places.

`<warehouse>_backfill` holds what is being built. `<warehouse>_backfill_<number>` holds, of each model that was swapped,
what was replaced (`<model>`) and what took its place (`<model>__after`), until the backfill is undone or forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

from stir.connections import quoted_table
from stir.operations.backfill.plan import APPEND, Target

BASIS = "__basis"
"""Suffix of a clone of the partitions as they were when the build began."""
AFTER = "__after"
SINCE = "__since"
"""Suffix of the rows that came into a swapped partition after the swap."""


def beside(warehouse: str) -> str:
    """The database in which a backfill builds."""
    return f"{warehouse}_backfill"


def kept(warehouse: str, number: int) -> str:
    """The database of what a backfill has replaced."""
    return f"{warehouse}_backfill_{number}"


def create_database(client: Client, name: str, *, empty: bool = False) -> None:
    """Create a database, without whatever it held if it is to be `empty`."""
    if empty:
        client.command(f"drop database if exists {quote_identifier(name)} sync")
    client.command(f"create database if not exists {quote_identifier(name)}")


def drop_database(client: Client, name: str) -> None:
    client.command(f"drop database if exists {quote_identifier(name)} sync")


def databases(client: Client, warehouse: str) -> list[tuple[str, int]]:
    """The databases of what backfills of a warehouse have replaced, with their bytes on disk."""
    query = """
        select d.name, toUInt64(sum(p.bytes_on_disk)) from system.databases as d
        left join (select * from system.parts where active) as p on p.database = d.name
        where startsWith(d.name, {prefix:String}) and match(substring(d.name, length({prefix:String}) + 1), '^[0-9]+$')
        group by d.name order by d.name
    """
    found = client.query(query, parameters={"prefix": f"{beside(warehouse)}_"}).result_rows
    return [(str(name), int(size)) for name, size in found]


def is_on_cluster(client: Client, database: str, table: str) -> bool:
    """Whether the table is one of several servers, on which no partition of this server alone can be exchanged."""
    query = "select engine from system.tables where database = {database:String} and name = {name:String}"
    found = client.query(query, parameters={"database": database, "name": table}).result_rows
    return any(str(engine).startswith(("Distributed", "Replicated")) for (engine,) in found)


def exists(client: Client, database: str, table: str) -> bool:
    return bool(client.command(f"exists table {quoted_table(database, table)}"))


def columns(client: Client, database: str, table: str) -> dict[str, str]:
    """Column to its type, in order; empty without such a table."""
    query = "select name, type from system.columns where database = {d:String} and table = {t:String} order by position"
    return dict(client.query(query, parameters={"d": database, "t": table}).result_rows)


def partitions_with(client: Client, table: str, condition: str) -> list[str]:
    """Ids of the partitions of a quoted table that hold rows for which the condition is true."""
    query = f"select distinct _partition_id as id from {table} where {condition} order by id"
    return [str(row[0]) for row in client.query(query).result_rows]


def clone(client: Client, source: str, target: str, partitions: Iterable[str]) -> None:
    """Make `target`, which may be there, a table like `source` that holds the same rows in these partitions."""
    client.command(f"drop table if exists {target} sync")
    client.command(f"create table {target} as {source}")
    for partition in partitions:
        client.command(f"alter table {target} attach partition id '{partition}' from {source}")


def replace_partition(client: Client, source: str, target: str, partition: str) -> None:
    """Let `target` hold in this partition what `source` holds there, nothing included. Twice is once."""
    if partitions_with(client, source, f"_partition_id = '{partition}'"):
        client.command(f"alter table {target} replace partition id '{partition}' from {source}")
    else:
        client.command(f"alter table {target} drop partition id '{partition}'")


def parts(client: Client, database: str, table: str, partitions: Iterable[str]) -> set[str]:
    """Hashes of the parts' files, which a clone shares with its source until one of them is written to or merged."""
    query = """
        select hash_of_all_files from system.parts
        where active and database = {d:String} and table = {t:String} and partition_id in {p:Array(String)}
    """
    values = {"d": database, "t": table, "p": list(partitions)}
    return {str(row[0]) for row in client.query(query, parameters=values).result_rows}


def volume(client: Client, database: str, table: str, partitions: Iterable[str]) -> tuple[int, int]:
    """Rows and bytes of the partitions on disk, versions that are not merged yet included."""
    query = """
        select toUInt64(sum(rows)), toUInt64(sum(bytes_on_disk)) from system.parts
        where active and database = {d:String} and table = {t:String} and partition_id in {p:Array(String)}
    """
    values = {"d": database, "t": table, "p": list(partitions)}
    rows, size = client.query(query, parameters=values).first_row
    return int(rows), int(size)


def add_missing(
    client: Client, source: str, known: str, target: str, partitions: Iterable[str], names: Iterable[str]
) -> int:
    """Insert into `target` the rows that `source` holds in these partitions and `known` does not; returns how many.

    For models of kind APPEND: of two rows of a key the newer version counts, whichever is inserted first.
    """
    row = _hash_of_row(names)
    within = f"_partition_id in ({', '.join(repr(each) for each in partitions) or repr('')})"
    missing = f"{within} and {row} not in (select {row} from {known} where {within})"
    found = int(client.query(f"select count() from {source} where {missing}").first_row[0])
    if found:
        client.command(f"insert into {target} select * from {source} where {missing}")
    return found


def digest(client: Client, table: str, partition: str, names: Iterable[str]) -> tuple[int, int]:
    """Rows of a partition of a quoted table and a sum of their hashes, which merges do not change."""
    query = f"select count(), sum({_hash_of_row(names)}) from {table} where _partition_id = {{partition:String}}"
    rows, hashes = client.query(query, parameters={"partition": partition}).first_row
    return int(rows), int(hashes)


def _hash_of_row(names: Iterable[str]) -> str:
    return f"cityHash64(formatRow('RowBinary', {', '.join(map(quote_identifier, names))}))"


def final(target: Target) -> str:
    """The word after a table's name with which its rows are read one per key."""
    return " final" if target.kind == APPEND else ""
