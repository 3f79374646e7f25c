"""A merge keeps the live table with its indexes, and builds none: a changed list is refused, with what to do.

To build an index within the swap would hold the writer's lock for as long as that takes, and to drop one would shut
readers out. PostgreSQL has statements that do neither, but not in a transaction; so they are for people to run.
"""

from __future__ import annotations

from typing import LiteralString

import psycopg
from psycopg import sql

from stir.errors import StirError
from stir.publish import ddl
from stir.publish.attachments import carrying
from stir.publish.spec import PublishSpec

_LIVE: LiteralString = """
select relname, array(
    select attname::text from unnest(indkey) with ordinality as part (number, place)
    join pg_attribute on attrelid = indrelid and attnum = number order by place
)
from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = %s::oid
"""


def check(cursor: psycopg.Cursor, spec: PublishSpec) -> None:
    """Compare the indexes of a table that merges keep with the spec's; those made by hand may stay.

    Raises:
        StirError: one is missing, is on other columns, or is of an older spec; with the statements that mend it.
    """
    oid = carrying.live_oid(cursor, spec)
    if spec.mode != "merge" or oid is None:
        return
    live = {name: tuple(columns) for name, columns in cursor.execute(_LIVE, [oid]).fetchall()}
    wanted = {f"{spec.table}_{index.name}": index.columns for index in spec.indexes}
    old = {*carrying.indexes_made(cursor, spec, oid)} - {f"{spec.table}_pkey", *wanted}
    wrong = [name for name, columns in wanted.items() if name in live and live[name] != columns]
    gone = sorted(old & live.keys())
    missing = [name for name in wanted if name not in live]
    drop, create = sql.SQL("drop index concurrently {}"), sql.SQL("create index concurrently {} on {} ({})")
    statements = [drop.format(sql.Identifier(spec.schema, name)) for name in (*gone, *wrong)]
    statements += [
        create.format(
            sql.Identifier(name), ddl.live(spec), sql.SQL(", ").join(sql.Identifier(column) for column in wanted[name])
        )
        for name in (*wrong, *missing)
    ]
    if statements:
        lists = (("missing", missing), ("on other columns", wrong), ("of an older spec", gone))
        what = "; ".join(f"{state}: {', '.join(names)}" for state, names in lists if names)
        raise StirError(
            f"the indexes of {spec.table} are not those of its spec ({what}), and a merge changes rows only",
            do=f"run as the table's owner, then publish again: {'; '.join(each.as_string() for each in statements)}",
        )
