"""Compares one model in two databases of a server row by row: rows added, removed and changed, by the model's key."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

from stir.errors import StirError

SAMPLES = 3
"""Keys that are shown of the rows that were added, removed and changed."""

_TABLE = """
select t.engine, groupArray((c.name, c.type)) from system.tables as t
inner join (select * from system.columns order by position) as c on c.database = t.database and c.table = t.name
where t.database = {database:String} and t.name = {name:String} group by t.engine
"""

_COMPARED = """
select
    countIf(old.present), countIf(new.present),
    countIf(not old.present), countIf(not new.present),
    countIf(old.present and new.present and old.hashes != new.hashes),
    -- A row of one side only has no hashes on the other, and arrayMap wants arrays of one length for every row.
    sumForEachIf(
        arrayMap((a, b) -> a != b, arrayResize(old.hashes, {width}), arrayResize(new.hashes, {width})),
        old.present and new.present
    ),
    groupArraySortedIf({samples})(new.label, not old.present),
    groupArraySortedIf({samples})(old.label, not new.present),
    groupArraySortedIf({samples})(new.label, old.present and new.present and old.hashes != new.hashes)
from ({old}) as old full outer join ({new}) as new using (key)
settings join_use_nulls = 0
"""


@dataclass(frozen=True)
class Difference:
    """The differences of a model between two databases.

    Attributes:
        key: the columns by which rows are the same row.
        rows_before, rows_after: how many there are; both None where the model is in one of the two only.
        columns: a column that is in both to the number of rows in which it changed, where it did.
        added_columns, removed_columns, changed_types: of the table itself.
        samples: some keys of the rows that were `added`, `removed` and `changed`.
    """

    model: str
    key: Sequence[str]
    rows_before: int | None
    rows_after: int | None
    added: int = 0
    removed: int = 0
    changed: int = 0
    columns: Mapping[str, int] | None = None
    added_columns: Sequence[str] = ()
    removed_columns: Sequence[str] = ()
    changed_types: Sequence[str] = ()
    samples: Mapping[str, Sequence[str]] | None = None

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        moved = self.added or self.removed or self.changed
        return self.rows_before is not None and not (
            moved or self.added_columns or self.removed_columns or self.changed_types
        )


def compare(
    client: Client,
    model: str,
    key: Sequence[str],
    before: str,
    after: str,
    *,
    ignore: Collection[str] = (),
    where: str = "true",
) -> Difference:
    """Compare the model in database `after` with the one in database `before`, without the columns in `ignore`.

    `where` is a condition in SQL on the rows of both.

    Raises:
        StirError: the model is in neither database, or has no key there.
    """
    old, new = _columns(client, before, model), _columns(client, after, model)
    if not old and not new:
        raise StirError(f"{model} is in neither database", where=f"{before}, {after}", do="build it in both")
    if old and not new:
        return Difference(model, key, _count(client, before, model, final=old[1]), None)
    if not old or not new:
        return Difference(model, key, None, _count(client, after, model, final=bool(new and new[1])))
    both = [name for name in old[0] if name in new[0] and name not in ignore]
    if not key or not set(key) <= set(both):
        raise StirError(f"{model} cannot be compared: its key ({', '.join(key)}) is not in both tables", where=before)
    compared = [name for name in both if name not in key]
    sides = {
        "old": side(before, model, key, compared, final=old[1], where=where),
        "new": side(after, model, key, compared, final=new[1], where=where),
    }
    row = client.query(_COMPARED.format(samples=SAMPLES, width=len(compared), **sides)).result_rows[0]
    rows_before, rows_after, added, removed, changed, by_column, *samples = row
    return Difference(
        model,
        tuple(key),
        rows_before,
        rows_after,
        added,
        removed,
        changed,
        columns={name: int(count) for name, count in zip(compared, by_column, strict=False) if count},
        added_columns=[name for name in new[0] if name not in old[0]],
        removed_columns=[name for name in old[0] if name not in new[0]],
        changed_types=[f"{name}: {old[0][name]} to {new[0][name]}" for name in both if old[0][name] != new[0][name]],
        samples=dict(zip(("added", "removed", "changed"), map(list, samples), strict=True)),
    )


def _columns(client: Client, database: str, model: str) -> tuple[dict[str, str], bool] | None:
    """The columns with their types, in order, and whether it must be read with FINAL; None where it is not there."""
    rows = client.query(_TABLE, parameters={"database": database, "name": model}).result_rows
    return (dict(rows[0][1]), "Replacing" in rows[0][0]) if rows else None


def _count(client: Client, database: str, model: str, *, final: bool) -> int:
    return int(client.query(f"select count() from {_table(database, model, final=final)}").first_row[0])


def _table(database: str, model: str, *, final: bool) -> str:
    return f"{quote_identifier(database)}.{quote_identifier(model)}{' final' if final else ''}"


def side(
    database: str,
    model: str,
    key: Sequence[str],
    compared: Sequence[str],
    *,
    final: bool,
    where: str = "true",
    more: str = "",
) -> str:
    """One side of the join. Hashes are of values as they are written: NULL is a value like any other there.

    `more` are further columns, in SQL, each with a comma before it.
    """
    keys = ", ".join(map(quote_identifier, key))
    hashes = ", ".join(f"cityHash64(formatRow('RowBinary', {quote_identifier(name)}))" for name in compared)
    return (
        f"select cityHash64(formatRow('RowBinary', {keys})) as key, true as present, "
        f"toString(tuple({keys})) as label, cast([{hashes}] as Array(UInt64)) as hashes{more} "
        f"from {_table(database, model, final=final)} where {where}"
    )
