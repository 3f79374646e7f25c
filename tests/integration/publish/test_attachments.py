"""Whatever PostgreSQL 18 ties to a table is carried over to the next generation, or refused with its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from stir import connections
from stir.errors import StirError
from stir.publish import PublishSpec, begin, ddl, publish, roll_back, verify
from stir.publish.attachments import carrying as record
from stir.publish.attachments import catalogue, rules
from stir.publish.attachments.catalogue import Attachments
from stir.publish.pipeline import STEPS
from stir.publish.progress import UNWATCHED
from stir.publish.session import writer
from stir.publish.spec import Column, Index
from stir.settings import Settings

from .attached import CARRIED, REFUSED, Attached
from .left_overs import once
from .registered import registered

TINY = PublishSpec(
    name="tiny",
    mart="mart_tiny",
    table="tiny",
    comment="Small.",
    columns=(
        Column("id", "String", "Key."),
        Column("number", "Int64", "Number."),
        Column("label", "Nullable(String)", "Text."),
    ),
    key=("id",),
    indexes=(Index("by_number", ("number",)),),
)
IN_SCHEMA = replace(TINY, name="tiny_s", table="tiny_s", schema="tinies", mode="schema")
MERGED = replace(TINY, name="tiny_m", table="tiny_m", mode="merge")
NOT_FOR_A_MERGE = ("child", "foreign table as a child", "publication of all tables")
ALTERNATIVES = ("PUBLIC", "no table comment", "no option", "no statistics", "replica identity nothing")
"""Those of the carried things that exclude another one of them."""


@pytest.fixture(scope="module")
def admin(place: Settings) -> Iterator[psycopg.Connection]:
    """A superuser who may do everything, and the roles and places that the things need."""
    with connections.postgres(place, role="admin", autocommit=True) as connection:
        connection.execute("set allow_system_table_mods = on; set allow_in_place_tablespaces = on")
        connection.execute("drop role if exists app_of_test; create role app_of_test")
        connection.execute("grant create on schema public to app_of_test")
        connection.execute("drop tablespace if exists place_of_test")
        connection.execute("create tablespace place_of_test location ''")
        connection.execute(
            "create subscription c_of_test connection '' publication nothing "
            "with (connect = false, enabled = false, create_slot = false, slot_name = none)"
        )
        yield connection
        connection.execute("drop subscription c_of_test")
        for spec in (TINY, IN_SCHEMA, MERGED):
            connection.execute(f"drop table if exists {ddl.live(spec).as_string()}".encode())
        connection.execute("drop schema stir cascade")
        connection.execute("drop owned by app_of_test; drop role app_of_test")
        connection.execute("drop tablespace place_of_test")


@pytest.fixture(scope="module")
def published(place: Settings, admin: psycopg.Connection) -> Iterator[None]:
    """The three tables, each with a generation to go back to."""
    client = connections.clickhouse(place)
    database = place.clickhouse_database
    client.command(f"create database if not exists {database}")
    client.command(f"create table {database}.mart_tiny (id String, number Int64, label Nullable(String)) order by id")
    fill(place, 1)
    with registered(TINY), registered(IN_SCHEMA), registered(MERGED):
        for spec in (TINY, IN_SCHEMA, MERGED):
            publish(place, spec)
        fill(place, 2)
        for spec in (TINY, IN_SCHEMA, MERGED):
            publish(place, spec)
        yield


def fill(place: Settings, version: int) -> None:
    """Another content of the mart."""
    table = f"{place.clickhouse_database}.mart_tiny"
    connections.clickhouse(place).command(f"truncate table {table}")
    connections.clickhouse(place).command(
        f"insert into {table} select toString(number), number, toString({version}) from numbers(20)"
    )


@pytest.fixture(params=[TINY, IN_SCHEMA], ids=["rename", "schema"])
def spec(request: pytest.FixtureRequest, published: None) -> PublishSpec:
    return request.param  # type: ignore[no-any-return]


def run(admin: psycopg.Connection, spec: PublishSpec, statement: str) -> None:
    """Run one of the statements for a table."""
    oid = admin.execute("select %s::regclass::oid::bigint", [ddl.live(spec).as_string()]).fetchone()
    assert oid is not None
    for name, value in {"t": f"{spec.schema}.{spec.table}", "s": spec.schema, "n": spec.table, "oid": oid[0]}.items():
        statement = statement.replace(f"{{{name}}}", str(value))
    admin.execute(f"set search_path = {spec.schema}, public".encode())
    admin.execute(statement.encode())


@pytest.fixture(scope="module")
def cursor(place: Settings, published: None) -> Iterator[psycopg.Cursor]:
    """The publisher's, for all that the tests look at."""
    with writer(place, "prod") as connection, connection.cursor() as cursor:
        yield cursor


def found(cursor: psycopg.Cursor, spec: PublishSpec) -> Attachments:
    """Everything that is tied to the live table."""
    oid = record.live_oid(cursor, spec)
    assert oid is not None
    return catalogue.read(cursor, oid)


def naming(thing: Attached, spec: PublishSpec) -> str:
    """What a refusal says of a thing on the spec's table."""
    return thing.named.replace("tiny_", f"{spec.table}_")


def test_every_object_that_would_be_lost_is_refused_by_name(
    admin: psycopg.Connection, cursor: psycopg.Cursor, spec: PublishSpec
) -> None:
    before = record.check(cursor, spec)
    for thing in REFUSED:
        run(admin, spec, thing.make)
        try:
            with pytest.raises(StirError) as refusal:
                record.check(cursor, spec)
        finally:
            run(admin, spec, thing.undo)
        assert naming(thing, spec) in refusal.value.line
        assert record.check(cursor, spec) == before, f"{thing.what} is not undone"


@pytest.mark.parametrize(
    "thing",
    # The test above holds the check that both make against every thing, in both modes.
    [thing if thing.what == "view" else pytest.param(thing, marks=pytest.mark.long) for thing in REFUSED],
    ids=[thing.what for thing in REFUSED],
)
def test_a_publish_and_a_roll_back_refuse_what_would_be_lost_before_anything_is_done(
    place: Settings, admin: psycopg.Connection, spec: PublishSpec, thing: Attached
) -> None:
    run(admin, spec, thing.make)
    try:
        with pytest.raises(StirError) as refusal:
            begin(place, spec.name, run_id=once(thing.what))
        assert naming(thing, spec) in refusal.value.line
        with pytest.raises(StirError) as refusal:
            roll_back(place, spec, target="prod", run_id=once(thing.what))
        assert naming(thing, spec) in refusal.value.line
    finally:
        run(admin, spec, thing.undo)


def test_a_merge_keeps_every_object_that_other_modes_refuse(admin: psycopg.Connection, cursor: psycopg.Cursor) -> None:
    for thing in REFUSED:
        run(admin, MERGED, thing.make)
        try:
            record.check(cursor, MERGED)
            refused = False
        except StirError:
            refused = True
        finally:
            run(admin, MERGED, thing.undo)
        assert refused == (thing.what in NOT_FOR_A_MERGE), thing.what


def test_a_merge_changes_no_object_tied_to_the_table(
    place: Settings, admin: psycopg.Connection, cursor: psycopg.Cursor
) -> None:
    names = ("view", "materialised view", "policy", "statistics", "publication of the schema")
    things = [thing for thing in REFUSED if thing.what in names]
    things += [thing for thing in CARRIED if thing.what not in ALTERNATIVES]
    for thing in things:
        run(admin, MERGED, thing.make)
    before = found(cursor, MERGED)
    fill(place, 3)
    assert publish(place, MERGED).outcome == "published"
    assert found(cursor, MERGED) == before
    roll_back(place, MERGED, target="prod", run_id=once("merge back"))
    assert found(cursor, MERGED) == before
    for thing in reversed(things):
        run(admin, MERGED, thing.undo)


@pytest.mark.parametrize("alternatives", [False, True], ids=["one way", "the other way"])
def test_objects_made_by_hand_are_carried_over_until_they_are_removed(
    place: Settings, admin: psycopg.Connection, cursor: psycopg.Cursor, spec: PublishSpec, alternatives: bool
) -> None:
    things = [thing for thing in CARRIED if (thing.what in ALTERNATIVES) == alternatives]
    plain = found(cursor, spec)
    for thing in things:
        earlier = found(cursor, spec)
        run(admin, spec, thing.make)
        assert found(cursor, spec) != earlier, f"{thing.what} is not seen at all"
    made = found(cursor, spec)
    fill(place, 10 + alternatives)
    assert publish(place, spec).outcome == "published"
    assert found(cursor, spec) == made
    roll_back(place, spec, target="prod", run_id=once("carried back"))
    assert found(cursor, spec) == made
    fill(place, 20 + alternatives)
    assert publish(place, spec).outcome == "published"
    assert found(cursor, spec) == made, "what was carried over once is carried over again"
    for thing in things:
        run(admin, spec, thing.undo)
    assert found(cursor, spec) == plain
    roll_back(place, spec, target="prod", run_id=once("taken away"))
    assert found(cursor, spec) == plain, "an earlier generation brings back what was taken away since"
    assert verify(place, spec).intact


def test_an_object_added_between_the_beginning_and_the_swap_is_refused_in_the_swap(
    place: Settings, admin: psycopg.Connection, published: None
) -> None:
    fill(place, 30)
    state = begin(place, "tiny", run_id=once("meanwhile"))
    for step in ("export", "load", "index", "verify"):
        state = STEPS[step](place, state, UNWATCHED)
    run(admin, TINY, "create view public.v_of_test as select * from {t}")
    with pytest.raises(
        StirError, match=r"public\.tiny has something that a publish would lose: view public\.v_of_test"
    ):
        STEPS["swap"](place, state, UNWATCHED)
    run(admin, TINY, "drop view public.v_of_test")
    assert STEPS["swap"](place, state, UNWATCHED).outcome == "published"
    STEPS["tidy"](place, state, UNWATCHED)


def test_an_index_of_the_spec_may_go_and_another_come(
    place: Settings, admin: psycopg.Connection, cursor: psycopg.Cursor
) -> None:
    other = replace(TINY, indexes=(Index("by_label", ("label",)),), comment="Still small.")
    run(admin, TINY, "comment on index {s}.{n}_by_number is 'of what goes'")
    with registered(other):
        assert publish(place, other).outcome == "published"
        names = {item.of for item in found(cursor, other) if item.kind == "index"}
        comments = {value for item, value in found(cursor, other).items() if item.name == "table"}
    assert names == {"tiny_pkey", "tiny_by_label"}
    assert comments == {"Still small."}
    assert publish(place, TINY).outcome == "published"


def test_a_table_of_before_the_records_keeps_privileges_and_refuses_the_rest(
    place: Settings, admin: psycopg.Connection, cursor: psycopg.Cursor
) -> None:
    admin.execute("delete from stir.table_record")
    run(admin, TINY, "grant select on {t} to app_of_test; create view public.v_of_test as select * from {t}")
    with pytest.raises(StirError, match=r"view public\.v_of_test"):
        publish(place, TINY)
    run(admin, TINY, "drop view public.v_of_test")
    before = found(cursor, TINY)
    fill(place, 40)
    assert publish(place, TINY).outcome == "published"
    assert found(cursor, TINY) == before
    run(admin, TINY, "revoke all on {t} from app_of_test")


def test_a_first_publish_gives_what_the_schema_gives_new_tables(
    place: Settings, admin: psycopg.Connection, published: None
) -> None:
    first = replace(TINY, name="tiny_first", table="tiny_first")
    default = "alter default privileges for role stir_writer in schema public {} on tables {} app_of_test"
    admin.execute(default.format("grant references", "to").encode())
    try:
        with registered(first):
            publish(place, first)
            right = "select has_table_privilege('app_of_test', 'public.tiny_first', 'references')"
            assert admin.execute(right.encode()).fetchone() == (True,)
            fill(place, 50)
            publish(place, first)
            assert admin.execute(right.encode()).fetchone() == (True,)
            admin.execute("drop table public.tiny_first")
    finally:
        admin.execute(default.format("revoke references", "from").encode())


DEFAULT_PRIVILEGES = (
    # Where they count, what they give or withhold, and the statement that takes it back.
    ("", "grant select, delete on tables to app_of_test", "revoke all on tables from app_of_test"),
    ("in schema stir", "grant update on tables to app_of_test", "revoke all on tables from app_of_test"),
    ("in schema public", "grant trigger on tables to app_of_test", "revoke all on tables from app_of_test"),
    ("", "grant select on tables to stir_reader with grant option", "revoke all on tables from stir_reader"),
    ("", "revoke references on tables from stir_writer", "grant references on tables to stir_writer"),
)


def test_default_privileges_change_no_later_generation(
    place: Settings, admin: psycopg.Connection, cursor: psycopg.Cursor, spec: PublishSpec
) -> None:
    before = found(cursor, spec)
    alter = "alter default privileges for role stir_writer"
    try:
        for where, give, _ in DEFAULT_PRIVILEGES:
            admin.execute(f"{alter} {where} {give}".encode())
        fill(place, 60)
        assert publish(place, spec).outcome == "published"
        assert found(cursor, spec) == before
        roll_back(place, spec, target="prod", run_id=once("defaults"))
        assert found(cursor, spec) == before
    finally:
        for where, _, take in DEFAULT_PRIVILEGES:
            admin.execute(f"{alter} {where} {take}".encode())


@pytest.mark.parametrize(
    ("make", "undo", "named"),
    [
        ("create table tinies.o_of_test ()", "drop table tinies.o_of_test", "table tinies.o_of_test"),
        ("create function tinies.o() returns int return 1", "drop function tinies.o", r"function tinies.o\(\)"),
        ("create type tinies.o as enum ()", "drop type tinies.o", "type tinies.o"),
        ('create collation tinies.o from "C"', "drop collation tinies.o", "collation tinies.o"),
        (
            "alter default privileges in schema tinies grant select on tables to app_of_test",
            "alter default privileges in schema tinies revoke select on tables from app_of_test",
            "default privileges on new relations",
        ),
        (
            "alter schema tinies owner to app_of_test; grant all on schema tinies to stir_writer",
            "alter schema tinies owner to stir_writer",
            "owner of the schema",
        ),
    ],
)
def test_other_objects_in_a_renamed_schema_are_refused(
    place: Settings, admin: psycopg.Connection, cursor: psycopg.Cursor, make: str, undo: str, named: str
) -> None:
    admin.execute(make.encode())
    try:
        with pytest.raises(StirError, match=named):
            begin(place, "tiny_s", run_id=once("schema"))
    finally:
        admin.execute(undo.encode())
    record.check(cursor, IN_SCHEMA)


def test_every_rule_has_a_case_and_every_case_its_rule(admin: psycopg.Connection, cursor: psycopg.Cursor) -> None:
    seen = set()
    for thing in (*CARRIED, *REFUSED):
        earlier = found(cursor, MERGED)
        run(admin, MERGED, thing.make)
        now = found(cursor, MERGED) | catalogue.publications(cursor, "public")
        seen |= {rules.rule_of(item, now.get(item, value)).what for item, value in now.items() - earlier.items()}
        run(admin, MERGED, thing.undo)
    missing = {rule.what for rule in rules.RULES} - seen
    assert missing <= {"anything else", "replica identity DEFAULT, FULL or NOTHING"} - seen


TIES = {
    "by itself": {
        "pg_attribute.attrelid", "pg_index.indrelid", "pg_index.indexrelid", "pg_class.reltoastrelid",
        "pg_constraint.conindid", "pg_constraint.conrelid", "pg_class.relrewrite", "pg_type.typrelid",
        "pg_statistic.starelid", "pg_attrdef.adrelid",
    },
    "by a dependency": {
        "pg_constraint.confrelid", "pg_inherits.inhrelid", "pg_inherits.inhparent", "pg_policy.polrelid",
        "pg_publication_rel.prrelid", "pg_rewrite.ev_class", "pg_statistic_ext.stxrelid", "pg_trigger.tgrelid",
        "pg_trigger.tgconstrrelid", "pg_trigger.tgconstrindid", "pg_partitioned_table.partrelid",
        "pg_partitioned_table.partdefid", "pg_sequence.seqrelid", "pg_foreign_table.ftrelid", "pg_extension.extconfig",
    },
    "asked for by name": {"pg_subscription_rel.srrelid"},
    "by class and object": {
        "pg_depend.classid", "pg_depend.refclassid", "pg_shdepend.classid", "pg_shdepend.refclassid",
        "pg_description.classoid", "pg_shdescription.classoid", "pg_seclabel.classoid", "pg_shseclabel.classoid",
        "pg_init_privs.classoid",
    },
}  # fmt: skip


def test_nothing_in_the_catalogues_refers_to_tables_in_a_way_that_is_not_known(place: Settings) -> None:
    with writer(place, "prod") as connection:
        rows = connection.execute(
            "select fktable::text || '.' || array_to_string(fkcols, '+') from pg_get_catalog_foreign_keys() "
            "where pktable = 'pg_class'::regclass and pkcols = array['oid']"
        ).fetchall()
    assert {row[0] for row in rows} == set.union(*TIES.values())
