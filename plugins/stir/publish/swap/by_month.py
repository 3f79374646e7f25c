"""Mode `partition`: the live table stays, and months of it are exchanged for others.

Whoever has read the table in a transaction holds a lock that the exchange waits for, as a rename does: such a
transaction keeps what it has read. A table that is not partitioned yet, or made by an older spec, is replaced whole, by
rename; so is one by a generation that was not published in this mode.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from stir.errors import StirError
from stir.publish import ddl, partitions
from stir.publish.attachments import catalogue
from stir.publish.attachments.carrying import live_oid
from stir.publish.ledger import generations
from stir.publish.partitions import Months
from stir.publish.spec import PublishSpec

_ELSEWHERE = """
select parent.relname, generation.content
from pg_inherits join pg_class as month on month.oid = inhrelid join pg_class as parent on parent.oid = inhparent
join stir.generation on stored_as = parent.relname
where month.relnamespace = 'stir'::regnamespace and month.relname = any(%s) and table_name = %s
limit 1
"""
_KIND = "select relkind::text, oid::bigint from pg_class where oid = to_regclass(%s)"


def is_whole(cursor: psycopg.Cursor, spec: PublishSpec, incoming: str, months: Months) -> bool:
    """Whether the incoming generation is a table of its own, which takes the place of the live one by rename.

    Raises:
        StirError: it has not the months that it should have, so somebody removed the live table meanwhile.
    """
    found = cursor.execute(_KIND, [ddl.stored(incoming).as_string()]).fetchone()
    if found is None or found[0] == "v":
        return False
    if found[0] == "p" and catalogue.partitions(cursor, found[1]) != {*months.values()}:
        raise StirError(
            f"stir.{incoming} has not all the months of its generation: somebody removed {spec.table} meanwhile",
            do="publish again; readers keep what they have",
        )
    return True


def exchange(cursor: psycopg.Cursor, spec: PublishSpec, live: generations.Generation, months: Months) -> None:
    """Give the live table other months, and keep the generation that it held as a view.

    Raises:
        StirError: the live table has not the months that it was published with, or months that it is to get are part of
            another stored table.
    """
    oid = live_oid(cursor, spec)
    found = catalogue.partitions(cursor, oid) if oid is not None else set()
    if found != {*live.partitions.values()}:
        wrong = ", ".join(sorted(found ^ {*live.partitions.values()}))
        raise StirError(
            f"{spec.schema}.{spec.table} has other partitions than generation {live.generation} was published with: "
            f"{wrong}",
            do="attach or detach them as `./stir generations` says, or publish with --force; "
            "readers keep what they have",
        )
    _check_free(cursor, spec, {*months.values()} - found)
    for statement in partitions.exchange_statements(spec, live.partitions, months):
        cursor.execute(statement)
    cursor.execute(partitions.view_statement(spec, live.stored_as, live.partitions))
    # A policy of the table holds for the table only, so rows that it hides must not be read beside it.
    cursor.execute("select relrowsecurity from pg_class where oid = %s::oid", [oid])
    if cursor.fetchone() == (False,):
        for role in spec.readers:
            cursor.execute(sql.SQL("grant select on {} to {}").format(ddl.stored(live.stored_as), sql.Identifier(role)))


def _check_free(cursor: psycopg.Cursor, spec: PublishSpec, tables: set[str]) -> None:
    """Whether months can be attached: a generation from before a change of the spec may share them with a whole table.

    Raises:
        StirError: with the generation whose roll-back comes first.
    """
    cursor.execute(_ELSEWHERE, [[*tables], spec.table])
    if row := cursor.fetchone():
        raise StirError(
            f"months of that generation are part of stir.{row[0]}, the table of generation {row[1]} of {spec.name}",
            do=f"roll back with `--to {row[1]}` first; readers keep what they have",
        )


def make_room(cursor: psycopg.Cursor, name: str) -> None:
    """Remove the view of a generation whose table is about to be stored under the same name."""
    found = cursor.execute(_KIND, [ddl.stored(name).as_string()]).fetchone()
    if found is not None and found[0] == "v":
        cursor.execute(sql.SQL("drop view {}").format(ddl.stored(name)))
