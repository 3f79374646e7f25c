"""Carries over objects that are tied to a table, or refuses them, at the start of a publish and in its swap.

`stir.table_record` says what publishes made of the live table, so that everything else on it is known to be made by
hand. The swap reads the table under its lock, gives the new one what was made by hand, and reads it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

import psycopg
from psycopg.types.json import Jsonb

from stir.errors import StirError
from stir.publish import ddl
from stir.publish.attachments import catalogue, rules
from stir.publish.attachments.catalogue import Attachment, Attachments
from stir.publish.spec import PublishSpec

_DEFAULTS: LiteralString = """
select acl.privilege_type || ' ' || case acl.grantee when 0 then 'public' else pg_get_userbyid(acl.grantee) end,
    case when acl.is_grantable then 'with grant option' else 'granted' end
from pg_default_acl left join pg_namespace on pg_namespace.oid = defaclnamespace, aclexplode(defaclacl) as acl
where (nspname = %s or defaclnamespace = 0) and defaclobjtype = 'r' and pg_get_userbyid(defaclrole) = current_user
    and acl.grantee <> defaclrole
"""
_OF_OWNER: LiteralString = """
select privilege_type || ' ' || pg_get_userbyid(grantee)
from pg_class, aclexplode(acldefault('r', relowner)) where pg_class.oid = %s::oid
"""
_COLUMNS: LiteralString = (
    "select attname from pg_attribute where attrelid = %s::oid and attnum > 0 and not attisdropped"
)
_FOREIGN = ("object", "belongs to", "subscription", "security label", "row type", "privilege")
"""Kinds of which a new generation has none that is refused, whatever the old one had."""
_DO = "remove it, or make it part of the spec; docs/publishing.md says what is carried over, and what mode merge keeps"


def check(cursor: psycopg.Cursor, spec: PublishSpec, *, stays: bool = False) -> Attachments:
    """What is tied to the live table, all of which a swap would keep; empty if there is no table.

    Args:
        stays: the live table stays and gets other rows; a merge always does that.

    Raises:
        StirError: something would be lost; all of it is named.
    """
    names = _published_schemas(cursor, spec)
    oid = live_oid(cursor, spec)
    found = catalogue.read(cursor, oid) if oid is not None else {}
    if oid is not None and spec.mode == "merge":
        names += _in_the_way_of_a_merge(cursor, oid)
    elif oid is not None and stays:
        names += rules.in_the_way(found, _record(cursor, spec, oid, found)) + _hidden(cursor, oid)
    elif oid is not None:
        names += catalogue.beside(cursor, spec.schema, oid) if spec.mode == "schema" else []
        names += rules.lost(found, _record(cursor, spec, oid, found))
    _refuse(spec, names)
    return found


def carry_over(cursor: psycopg.Cursor, spec: PublishSpec, before: Attachments, *, old: int | None, back: bool) -> None:
    """Give the table that is live now what was made by hand on the one before, and read it back.

    Args:
        before: the objects that depended on the table before; see `check`.
        old: that table, None for a first publish.
        back: a rollback: the new table is an old one, and readers keep all that can be carried as it is.

    Raises:
        StirError: an attachment was lost, or the new table has one that it must not have.
    """
    oid = live_oid(cursor, spec)
    assert oid is not None  # noqa: S101 - it was moved in by this transaction
    own = catalogue.read(cursor, oid)
    of_owner = [row[0] for row in cursor.execute(_OF_OWNER, [oid]).fetchall()]
    given = rules.given(own, spec.readers, of_owner)
    record = _record(cursor, spec, old, before) if old is not None else given
    if back:
        # What the spec would have given it, rather than what was carried over to it while it was live.
        made = {item: value for item, value in own.items() if item.kind in rules.OURS} | rules.carried(record)
    else:
        made = given
    columns = {row[0] for row in cursor.execute(_COLUMNS, [oid]).fetchall()}
    want = rules.wanted(before if old is not None else given, record, made, columns)
    if catalogue.is_partitioned(cursor, oid) or (old is not None and catalogue.is_partitioned(cursor, old)):
        want = _storage_of_its_own(spec, want, own, before, record)
        made = {item: value for item, value in made.items() if not _is_storage(item)} | _storage(own)
    if old is None:
        for name, value in cursor.execute(_DEFAULTS, [spec.schema]).fetchall():
            want.setdefault(Attachment("privilege", "", name), value)
    elif not back:
        # Records of earlier versions hold what default privileges gave as if the spec had given it.
        want |= {item: before[item] for item in own.keys() - given.keys() if item in before}
    for statement in rules.statements(ddl.live(spec), spec.schema, rules.carried(own), want):
        cursor.execute(statement)
    after = catalogue.read(cursor, oid)
    _compare(spec, before if old is not None else None, want, after)
    _write(cursor, spec, oid, made)


def _storage_of_its_own(
    spec: PublishSpec, want: Attachments, own: Attachments, before: Attachments, record: Attachments
) -> Attachments:
    """Between a plain table and one whose months are tables, storage parameters cannot be carried over.

    Raises:
        StirError: somebody set one by hand.
    """
    set_now = _storage(before)
    _refuse(spec, [rules.named(item, set_now[item]) for item in set_now if record.get(item) != set_now[item]])
    return {item: value for item, value in want.items() if not _is_storage(item)} | _storage(own)


def _storage(found: Attachments) -> Attachments:
    return {item: value for item, value in found.items() if _is_storage(item)}


def _is_storage(item: Attachment) -> bool:
    return item.kind == "option" and item.of == ""


def _compare(spec: PublishSpec, before: Attachments | None, want: Attachments, after: Attachments) -> None:
    """Hold what the new table has against what it should have, and against the old one where nothing is carried."""
    strange = [item for item in after if item.kind in _FOREIGN]
    if before is not None:
        # A tablespace, an owner: the server's or the role's defaults may have changed since the old one was made.
        kept = [{item: found[item] for item in found if item.kind == "table"} for found in (before, after)]
        strange += [item for item, _ in kept[0].items() ^ kept[1].items()]
    _refuse(spec, [rules.named(item, after.get(item, "")) for item in sorted({*strange})
                   if rules.rule_of(item, after.get(item, "")).fate == "refused"])  # fmt: skip
    came = rules.carried(after)
    if differing := sorted(item for item in {*came, *want} if came.get(item) != want.get(item)):
        names = [rules.named(item, came.get(item, want.get(item, ""))) for item in differing]
        raise StirError(
            f"{spec.schema}.{spec.table} would lose: {rules.first_names(names)}",
            do="report this; readers keep what they have",
        )


def check_unchanged(cursor: psycopg.Cursor, spec: PublishSpec, before: Attachments) -> None:
    """After a merge or an exchange of months, which keep the table: everything is still there.

    Raises:
        StirError: something is gone or different.
    """
    oid = live_oid(cursor, spec)
    after = catalogue.read(cursor, oid) if oid is not None else {}
    if gone := [rules.named(item, value) for item, value in sorted(before.items()) if after.get(item) != value]:
        what = "merge" if spec.mode == "merge" else "exchange"
        raise StirError(
            f"the {what} would change what is tied to {spec.table}: {rules.first_names(gone)}",
            do="report this; readers keep what they have",
        )


def indexes_made(cursor: psycopg.Cursor, spec: PublishSpec, oid: int) -> set[str]:
    """Names of the indexes that publishes made of the live table."""
    return {item.of for item in _record(cursor, spec, oid, catalogue.read(cursor, oid)) if item.kind == "index"}


def live_oid(cursor: psycopg.Cursor, spec: PublishSpec) -> int | None:
    """OID of the table that readers use, None if there is none."""
    cursor.execute("select to_regclass(%s)::oid::bigint", [rules.live_table(spec)])
    row = cursor.fetchone()
    return row[0] if row else None


def _published_schemas(cursor: psycopg.Cursor, spec: PublishSpec) -> list[str]:
    """Publications that would take a new table up by itself; a merge loads into schema stir, and no other new one."""
    schemas = (ddl.SCHEMA,) if spec.mode == "merge" else (ddl.SCHEMA, spec.schema)
    return [rules.named(item, value) for item, value in catalogue.publications(cursor, *schemas).items()]


def _in_the_way_of_a_merge(cursor: psycopg.Cursor, oid: int) -> list[str]:
    return catalogue.children(cursor, oid) + _hidden(cursor, oid)


def _hidden(cursor: psycopg.Cursor, oid: int) -> list[str]:
    return [] if catalogue.sees_all_rows(cursor, oid) else ["row level security hides rows from the publisher"]


def _refuse(spec: PublishSpec, names: Sequence[str]) -> None:
    if names:
        what = {"merge": "a merge cannot work with", "partition": "a publish would lose or cannot serve"}.get(
            spec.mode, "a publish would lose"
        )
        raise StirError(
            f"{spec.schema}.{spec.table} has something that {what}: {rules.first_names(names)}",
            do=f"{_DO}; readers keep what they have",
        )


def _record(cursor: psycopg.Cursor, spec: PublishSpec, oid: int, found: Attachments) -> Attachments:
    """What publishes made of the live table."""
    cursor.execute(
        "select made from stir.table_record where table_name = %s and table_oid = %s::oid", [spec.table, oid]
    )
    if row := cursor.fetchone():
        return {Attachment(kind, of, name): value for kind, of, name, value in row[0]}
    return rules.assumed(spec, found)


def _write(cursor: psycopg.Cursor, spec: PublishSpec, oid: int, made: Attachments) -> None:
    cursor.execute(
        "insert into stir.table_record (table_name, table_oid, made) values (%s, %s::oid, %s) "
        "on conflict (table_name) do update set table_oid = excluded.table_oid, made = excluded.made",
        [spec.table, oid, Jsonb([[*item, value] for item, value in sorted(made.items())])],
    )
