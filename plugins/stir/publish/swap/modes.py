"""Replaces the old generation by the new one inside the swap's transaction, in one way per mode.

`rename` waits for readers, so that a transaction that has read the table keeps what it read. `schema` renames the
schema around the table and waits for nobody, so a transaction that reads twice may see two generations. `merge` changes
the rows of a table that stays, which is what views, foreign keys and publications need; it costs what changed.
`partition` exchanges months of a table that stays (see stir.publish.swap.by_month).
"""

from __future__ import annotations

from dataclasses import replace

import psycopg
from psycopg import errors, sql

from stir.attempts import Attempts
from stir.errors import StirError
from stir.publish import ddl
from stir.publish.attachments import carrying
from stir.publish.attachments.carrying import live_oid
from stir.publish.checks import contract
from stir.publish.ledger import generations
from stir.publish.partitions import Months
from stir.publish.spec import PublishSpec
from stir.publish.swap import by_month, merge
from stir.publish.verification.content import Content, content_of

_INDEXES = "select relname from pg_class join pg_index on indexrelid = oid where indrelid = %s::regclass order by 1"
_SCHEMA_GRANTS = """
select acl.grantee, coalesce(role.rolname, ''), acl.privilege_type, acl.is_grantable
from pg_namespace, aclexplode(nspacl) as acl left join pg_roles as role on role.oid = acl.grantee
where nspname = %s and acl.grantee <> nspowner
"""
_ASIDE = "select nspname from pg_namespace where starts_with(nspname, %s)"


def exchange(
    cursor: psycopg.Cursor,
    spec: PublishSpec,
    *,
    incoming: str,
    live: generations.Generation | None,
    expected: Content,
    months: Months | None = None,
    back: bool = False,
) -> int:
    """Give readers the stored table `incoming`, which holds `expected`; returns the OID of the table they read now.

    Args:
        months: the tables of its months, where it was published in mode `partition`.
        back: it is an earlier generation.

    Raises:
        StirError: a table of that name is not ours, the mode cannot do it, or something on the old one would be lost.
    """
    there = contract.check_live_table(cursor, spec, live)
    stays = spec.mode == "merge"
    if spec.mode == "partition":
        stays = there and live is not None and not by_month.is_whole(cursor, spec, incoming, months or {})
    old, before = live_oid(cursor, spec), carrying.check(cursor, spec, stays=stays)
    if there and spec.mode in ("rename", "partition"):
        cursor.execute(sql.SQL("lock table only {} in access exclusive mode").format(ddl.live(spec)))
        before = carrying.check(cursor, spec, stays=stays)  # from now on no session can add anything
    if spec.mode == "partition" and stays and live is not None:
        by_month.exchange(cursor, spec, live, months or {})
    elif spec.mode == "merge":
        _merge(cursor, spec, incoming=incoming, there=there, expected=expected)
    elif spec.mode == "schema":
        _rename_schema(cursor, spec, incoming=incoming, live=live)
    else:
        _rename(cursor, spec, incoming=incoming, live=live if there else None)
    if there and stays:
        carrying.check_unchanged(cursor, spec, before)
    else:
        carrying.carry_over(cursor, spec, before, old=old, back=back)
    return live_oid(cursor, spec) or 0


def bring_home(connection: psycopg.Connection, spec: PublishSpec, attempts: Attempts) -> None:
    """Move generations that a schema swap left in schemas of their own to the others; one that is read stays."""
    if spec.mode != "schema":
        return
    for (schema,) in connection.execute(_ASIDE, [f"{spec.schema}__"]).fetchall():
        aside = replace(spec, schema=schema)
        try:
            with (
                attempts.on(f"schema {schema}", but=errors.LockNotAvailable),
                connection.transaction(),
                connection.cursor() as cursor,
            ):
                cursor.execute("set local lock_timeout = '100ms'")
                if live_oid(cursor, aside) is not None:
                    name = spec.stored_name(schema.removeprefix(f"{spec.schema}__"))
                    for statement in ddl.move_out(aside, name, _indexes(cursor, ddl.live(aside))):
                        cursor.execute(statement)
                cursor.execute(sql.SQL("drop schema {}").format(sql.Identifier(schema)))
        except errors.LockNotAvailable:
            continue


def _rename(cursor: psycopg.Cursor, spec: PublishSpec, *, incoming: str, live: generations.Generation | None) -> None:
    if live:
        by_month.make_room(cursor, live.stored_as)
        for statement in ddl.move_out(spec, live.stored_as, _indexes(cursor, ddl.live(spec))):
            cursor.execute(statement)
    for statement in ddl.move_in(spec, incoming, _indexes(cursor, ddl.stored(incoming))):
        cursor.execute(statement)


def _rename_schema(
    cursor: psycopg.Cursor, spec: PublishSpec, *, incoming: str, live: generations.Generation | None
) -> None:
    """No lock on a table that readers know: the new one gets ready in a schema beside theirs, then names change."""
    aside = _schema_of(spec, incoming)
    cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(aside)))
    for role in spec.readers:
        cursor.execute(sql.SQL("grant usage on schema {} to {}").format(sql.Identifier(aside), sql.Identifier(role)))
    for statement in _grants(cursor, _SCHEMA_GRANTS, spec.schema, sql.SQL("schema {}").format(sql.Identifier(aside))):
        cursor.execute(statement)
    cursor.execute(
        "select obj_description(to_regnamespace(%s), 'pg_namespace')", [sql.Identifier(spec.schema).as_string()]
    )
    comment = sql.Literal((cursor.fetchone() or (None,))[0])
    cursor.execute(sql.SQL("comment on schema {} is {}").format(sql.Identifier(aside), comment))
    there = replace(spec, schema=aside)
    for statement in ddl.move_in(there, incoming, _indexes(cursor, ddl.stored(incoming))):
        cursor.execute(statement)
    rename = sql.SQL("alter schema {} rename to {}")
    cursor.execute("select to_regnamespace(%s) is not null", [sql.Identifier(spec.schema).as_string()])
    if cursor.fetchone() == (True,):
        old = _schema_of(spec, live.stored_as) if live else f"{aside}_before"
        cursor.execute(rename.format(sql.Identifier(spec.schema), sql.Identifier(old)))
    cursor.execute(rename.format(sql.Identifier(aside), sql.Identifier(spec.schema)))


def _merge(cursor: psycopg.Cursor, spec: PublishSpec, *, incoming: str, there: bool, expected: Content) -> None:
    """Change what differs, then prove that the table holds what it should: nobody can see it before the commit."""
    if not there:
        for statement in ddl.move_in(spec, incoming, _indexes(cursor, ddl.stored(incoming))):
            cursor.execute(statement)
        for statement in merge.keep_copy(spec, incoming):
            cursor.execute(statement)
        return
    for statement in merge.add_columns(cursor.connection, spec, incoming):
        cursor.execute(statement)
    try:
        for statement in merge.statements(spec, incoming):
            cursor.execute(statement)
    except errors.ForeignKeyViolation as error:
        raise StirError(
            f"a row that would leave {spec.table} is referred to: {error.diag.message_detail}",
            do="remove what refers to it, or publish a mart that still has it; readers keep what they have",
        ) from error
    content = content_of(cursor.connection, spec, ddl.live(spec))
    if content != expected:
        raise StirError(
            f"after the merge {spec.table} would hold {content.rows:,} rows and {content.checksum}, "
            f"not {expected.rows:,} and {expected.checksum}",
            do="find out which other session writes to it; readers keep what they have",
        )


def _schema_of(spec: PublishSpec, stored_as: str) -> str:
    """Schema of a generation that is neither live nor among the stored ones."""
    return f"{spec.schema}__{stored_as.removeprefix(spec.stored_name(''))}"


def _grants(cursor: psycopg.Cursor, query: str, of: str, to: sql.Composable) -> list[sql.Composed]:
    cursor.execute(query.encode(), [of])
    return [
        sql.SQL("grant {} on {} to {}{}").format(
            sql.SQL(privilege),
            to,
            sql.Identifier(role) if grantee else sql.SQL("public"),
            sql.SQL(" with grant option" if grantable else ""),
        )
        for grantee, role, privilege, grantable in cursor.fetchall()
    ]


def _indexes(cursor: psycopg.Cursor, table: sql.Identifier) -> list[str]:
    cursor.execute(_INDEXES, [table.as_string()])
    return [row[0] for row in cursor.fetchall()]
