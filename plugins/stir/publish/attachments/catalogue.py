"""Everything that PostgreSQL ties to a table, read from its catalogues: objects, attributes, privileges, comments.

Three sources together find all of it. `pg_depend`, in both directions from the table and everything that belongs to it,
finds every object; the rows of the table, its columns and its indexes are compared whole with those of a plain table,
so an attribute that is no object is found without being listed here; and the few ties that no dependency records
(publications of a schema or of all tables, subscriptions, security labels) are asked for by name. A test holds this
against `pg_get_catalog_foreign_keys()`, the server's own list of what refers to what.
"""

from __future__ import annotations

from typing import LiteralString, NamedTuple

import psycopg


class Attachment(NamedTuple):
    """What is attached: its kind, the column or object it belongs to (empty: the table itself), and its name."""

    kind: str
    of: str
    name: str


Attachments = dict[Attachment, str]
"""What a table has, with the value of each. A plain table of the current user has indexes and constraints only."""

_PARTS: LiteralString = """
recursive month as (
    select pg_class.oid from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = %(oid)s::oid and relispartition and relnamespace = to_regnamespace('stir')
),
of_month(classid, objid) as (
    select 'pg_class'::regclass::oid, oid from month
    union all
    select 'pg_class'::regclass::oid, indexrelid from pg_index join month on month.oid = indrelid
    union all
    select 'pg_constraint'::regclass::oid, pg_constraint.oid from pg_constraint join month on month.oid = conrelid
    union all
    select 'pg_trigger'::regclass::oid, pg_trigger.oid from pg_trigger join month on month.oid = tgrelid
),
part(classid, objid) as (
    select 'pg_class'::regclass::oid, %(oid)s::oid
    union
    select link.classid, link.objid
    from pg_depend as link join part on (link.refclassid, link.refobjid) = (part.classid, part.objid)
    where link.deptype in ('i', 'a', 'P', 'S') and not exists (
        select from pg_class
        where link.classid = 'pg_class'::regclass and oid = link.objid and relkind not in ('i', 'I', 't')
    ) and (link.classid, link.objid) not in (select classid, objid from of_month)
),
subject as (select * from pg_class where oid = %(oid)s::oid),
index_of as (
    select index.indexrelid, class.relname::text as name, index, class
    from pg_index as index join pg_class as class on class.oid = index.indexrelid where index.indrelid = %(oid)s::oid
)"""

_OBJECTS: LiteralString = """
select 'object', coalesce(
    (select pg_describe_object('pg_class'::regclass, ev_class, 0) from pg_rewrite
        where classid = 'pg_rewrite'::regclass and pg_rewrite.oid = objid and ev_class <> %(oid)s::oid),
    pg_describe_object(classid, objid, objsubid)), '', ''
from (
    select link.classid, link.objid, link.objsubid
    from pg_depend as link join part on (link.refclassid, link.refobjid) = (part.classid, part.objid)
) as hanging
where (classid, objid) not in (select classid, objid from of_month)
    and (classid, objid) <> ('pg_class'::regclass, %(oid)s::oid) -- the columns that it is partitioned by
    and not exists (select from index_of where classid = 'pg_class'::regclass and indexrelid = objid)
    and not exists (select from pg_class where classid = 'pg_class'::regclass and pg_class.oid = objid
        and relnamespace = 'pg_toast'::regnamespace)
    and not exists (select from pg_type, subject where classid = 'pg_type'::regclass and pg_type.oid = objid
        and objid in (reltype, (select typarray from pg_type as own where own.oid = reltype)))
    and not exists (select from pg_constraint where classid = 'pg_constraint'::regclass and pg_constraint.oid = objid
        and conrelid = %(oid)s::oid)
    and not exists (select from pg_trigger where classid = 'pg_trigger'::regclass and pg_trigger.oid = objid
        and tgisinternal)
union
select 'belongs to', pg_describe_object(refclassid, refobjid, 0), '', ''
from pg_depend as link
where (classid = 'pg_class'::regclass and (objid = %(oid)s::oid or objid in (select indexrelid from index_of))
        or classid = 'pg_type'::regclass and objid = (select reltype from subject))
    and refclassid <> 'pg_namespace'::regclass
    and not exists (select from part where (part.classid, part.objid) = (link.refclassid, link.refobjid))
"""

_ATTRIBUTES: LiteralString = """
select 'table', '', key, value
from subject, jsonb_each_text(to_jsonb(subject) || jsonb_build_object(
    'relowner', nullif(pg_get_userbyid(relowner), current_user),
    'relkind', case relkind when 'p' then 'r' else relkind::text end, -- partitioned by a publish is as good as plain
    'relam', nullif((select amname from pg_am where pg_am.oid = relam), 'heap'),
    'reltablespace', (select spcname from pg_tablespace where pg_tablespace.oid = reltablespace)))
where key <> all(%(physical)s::text[]) and value is distinct from %(plain)s::jsonb ->> key
union all
select 'column', attname, key, value
from pg_attribute join pg_type on pg_type.oid = atttypid, jsonb_each_text(to_jsonb(pg_attribute) || jsonb_build_object(
    'attstorage', nullif(attstorage, typstorage), 'attcollation', nullif(attcollation, typcollation)))
where attrelid = %(oid)s::oid and attnum > 0 and not attisdropped
    and key <> all(%(physical)s::text[]) and value is distinct from %(plain)s::jsonb ->> key
union all
select 'index', name, '', pg_get_indexdef(indexrelid) from index_of
union all
select 'index', name, key, value
from index_of, jsonb_each_text(to_jsonb(class) || to_jsonb(index) || jsonb_build_object(
    'relowner', nullif(pg_get_userbyid((class).relowner), current_user),
    'reltablespace', (select spcname from pg_tablespace where pg_tablespace.oid = (class).reltablespace)))
where key = any(%(of_index)s::text[]) and value is distinct from %(plain)s::jsonb ->> key
union all
select 'index', name, 'statistics of ' || attname, attstattarget::text
from index_of join pg_attribute on attrelid = indexrelid and attstattarget is not null
union all
select 'constraint', conname, contype::text, pg_get_constraintdef(oid) from pg_constraint
where conrelid = %(oid)s::oid
union all
select 'option', '', split_part(item, '=', 1), substr(item, strpos(item, '=') + 1)
from subject, unnest(reloptions) as item
union all
select 'option', '', 'toast.' || split_part(item, '=', 1), substr(item, strpos(item, '=') + 1)
from subject join pg_class as toast on toast.oid = subject.reltoastrelid, unnest(toast.reloptions) as item
union all
select 'option', attname, split_part(item, '=', 1), substr(item, strpos(item, '=') + 1)
from pg_attribute, unnest(attoptions) as item where attrelid = %(oid)s::oid
"""

_RIGHTS: LiteralString = """
select 'privilege', of, acl.privilege_type || ' ' || case acl.grantee when 0 then 'public'
    else coalesce(role.rolname, acl.grantee::text) end,
    case when bool_or(acl.is_grantable) then 'with grant option' else 'granted' end
    || coalesce(min(' by ' || pg_get_userbyid(acl.grantor)) filter (where acl.grantor <> owner), '')
from (
    select '' as of, relowner as owner, coalesce(relacl, acldefault('r', relowner)) as items from subject
    union all
    select attname, relowner, attacl from subject join pg_attribute on attrelid = subject.oid
    where attacl is not null and not attisdropped
) as held, aclexplode(items) as acl left join pg_roles as role on role.oid = acl.grantee
group by of, acl.privilege_type, acl.grantee, role.rolname
union all
select 'row type', '', 'privileges', typacl::text
from pg_type join subject on pg_type.oid = reltype where typacl is not null
"""

_WORDS: LiteralString = """
select 'comment', coalesce(attname, ''), case when objsubid = 0 then 'table' else 'column' end, description
from pg_description left join pg_attribute on attrelid = objoid and attnum = objsubid
where classoid = 'pg_class'::regclass and objoid = %(oid)s::oid
union all
select 'comment', name, 'index', description
from index_of join pg_description on classoid = 'pg_class'::regclass and objoid = indexrelid
union all
select 'comment', conname, 'constraint', description
from pg_constraint join pg_description on classoid = 'pg_constraint'::regclass and objoid = pg_constraint.oid
where conrelid = %(oid)s::oid
union all
select 'comment', '', case objoid when reltype then 'type' else 'array type' end, description
from subject join pg_type as own on own.oid = reltype
join pg_description on classoid = 'pg_type'::regclass and objoid in (reltype, typarray)
union all
select 'security label', pg_describe_object(classoid, objoid, objsubid), provider, label
from pg_seclabel join part on (part.classid, part.objid) = (classoid, objoid)
union all
select 'subscription', subname, '', '' from pg_subscription_rel join pg_subscription on pg_subscription.oid = srsubid
where srrelid = %(oid)s::oid
"""

_PUBLICATIONS: LiteralString = """
select 'publication', pubname::text,
    case when puballtables then 'all tables' else 'tables in schema ' || nspname end, ''
from pg_publication
left join pg_publication_namespace on pnpubid = pg_publication.oid
left join pg_namespace on pg_namespace.oid = pnnspid
where puballtables or nspname = any(%(schemas)s::text[])
"""

_CHILDREN: LiteralString = (
    "select pg_describe_object('pg_class'::regclass, inhrelid, 0) from pg_inherits where inhparent = %s::oid order by 1"
)

_PARTITIONS: LiteralString = """
select case nspname when 'stir' then relname else format('%%I.%%I', nspname, relname) end
from pg_inherits join pg_class on pg_class.oid = inhrelid join pg_namespace on pg_namespace.oid = relnamespace
where inhparent = %s::oid
"""

_BESIDE: LiteralString = """
with place as (select * from pg_namespace where nspname = %(schema)s)
select pg_describe_object(classid, objid, 0) from pg_depend, place
where refclassid = 'pg_namespace'::regclass and refobjid = place.oid
    and not (classid = 'pg_class'::regclass and objid = %(oid)s::oid)
union
select 'owner of the schema ' || pg_get_userbyid(nspowner) from place where pg_get_userbyid(nspowner) <> current_user
union
select 'security label of the schema' from pg_seclabel, place
where classoid = 'pg_namespace'::regclass and objoid = place.oid
union
select 'privilege on the schema by ' || pg_get_userbyid(grantor)
from place, aclexplode(nspacl) where grantor <> nspowner
order by 1
"""

_PHYSICAL = (
    # Numbers and flags that say where rows lie or what the server found out, and what is asked for elsewhere.
    *("oid", "relname", "relnamespace", "reltype", "relfilenode", "relpages", "reltuples", "relallvisible"),
    *("relallfrozen", "reltoastrelid", "relhasindex", "relhasrules", "relhastriggers", "relhassubclass", "relrewrite"),
    *("relfrozenxid", "relminmxid", "relacl", "reloptions", "relnatts", "relchecks", "relispopulated"),
    # The columns themselves are the contract's business; see stir.publish.contract.
    *("attrelid", "attname", "atttypid", "attlen", "attnum", "atttypmod", "attndims", "attbyval", "attalign"),
    *("attnotnull", "attcacheoff", "attacl", "attoptions", "atthasmissing", "attmissingval", "attisdropped"),
)
_OF_INDEX = ("relowner", "reltablespace", "indisclustered", "indisreplident", "indisvalid", "indisready", "indislive")
_PLAIN = (
    '{"relpersistence": "p", "relkind": "r", "relrowsecurity": "false", "relforcerowsecurity": "false",'
    ' "relreplident": "d", "relispartition": "false", "relisshared": "false", "reloftype": "0",'
    ' "attcompression": "", "attidentity": "", "attgenerated": "", "atthasdef": "false", "attislocal": "true",'
    ' "attinhcount": "0", "indisclustered": "false", "indisreplident": "false", "indisvalid": "true",'
    ' "indisready": "true", "indislive": "true"}'
)


def read(cursor: psycopg.Cursor, oid: int) -> Attachments:
    """Everything that is tied to the table, but for its partitions in schema `stir`, which are its rows."""
    values = {"oid": oid, "physical": list(_PHYSICAL), "of_index": list(_OF_INDEX), "plain": _PLAIN}
    cursor.execute(f"with {_PARTS} {_OBJECTS} union all {_ATTRIBUTES} union all {_RIGHTS} union all {_WORDS}", values)
    return {Attachment(kind, of, name): value for kind, of, name, value in cursor.fetchall()}


def publications(cursor: psycopg.Cursor, *schemas: str) -> Attachments:
    """Publications that hold whatever lies in one of the schemas, which no dependency of a table tells."""
    cursor.execute(_PUBLICATIONS, {"schemas": list(schemas)})
    return {Attachment(kind, of, name): value for kind, of, name, value in cursor.fetchall()}


def beside(cursor: psycopg.Cursor, schema: str, oid: int) -> list[str]:
    """What lies in the table's schema or is tied to it, besides the table: mode `schema` renames the whole schema."""
    cursor.execute(_BESIDE, {"schema": schema, "oid": oid})
    return [row[0] for row in cursor.fetchall()]


def is_partitioned(cursor: psycopg.Cursor, oid: int) -> bool:
    """Whether the table has its rows in partitions."""
    cursor.execute("select relkind = 'p' from pg_class where oid = %s::oid", [oid])
    return cursor.fetchone() == (True,)


def partitions(cursor: psycopg.Cursor, oid: int) -> set[str]:
    """Names of the table's partitions, with the schema if that is not `stir`."""
    cursor.execute(_PARTITIONS, [oid])
    return {row[0] for row in cursor.fetchall()}


def children(cursor: psycopg.Cursor, oid: int) -> list[str]:
    """Tables that inherit from the table: what is deleted from it is deleted from them."""
    cursor.execute(_CHILDREN, [oid])
    return [row[0] for row in cursor.fetchall()]


def sees_all_rows(cursor: psycopg.Cursor, oid: int) -> bool:
    """Whether no policy hides rows of the table from the current user."""
    cursor.execute("select not row_security_active(%s::oid)", [oid])
    return cursor.fetchone() == (True,)
