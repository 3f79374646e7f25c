"""Modes `schema` and `merge`: what they keep that `rename` does not, and their limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from stir import connections
from stir.errors import StirError
from stir.publish import PublishSpec, publish, roll_back, verify
from stir.publish.ledger import generations
from stir.publish.session import writer
from stir.publish.spec import Index
from stir.settings import Settings

from .left_overs import BOARD
from .marts import Mart
from .readers import Fleet
from .registered import registered

MERGED = replace(BOARD, name="merged", table="merged", mode="merge")
OWN_SCHEMA = replace(BOARD, name="boards", table="board", schema="boards", mode="schema")


@pytest.fixture(params=[MERGED, OWN_SCHEMA], ids=["merge", "schema"])
def spec(request: pytest.FixtureRequest, place: Settings, mart: Mart) -> Iterator[PublishSpec]:
    with registered(request.param) as spec:
        mart.build(1)
        publish(place, spec, allow=("freshness",))
        yield spec


@pytest.fixture
def merged(place: Settings, mart: Mart) -> Iterator[PublishSpec]:
    with registered(MERGED) as spec:
        mart.build(1)
        publish(place, spec, allow=("freshness",))
        yield spec


def stored(place: Settings, spec: PublishSpec) -> list[str]:
    """Tables of the spec in schema stir, and schemas left by swaps."""
    with writer(place, "prod") as connection:
        rows = connection.execute(
            """
            select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
            where nspname = 'stir' and relkind = 'r' and starts_with(relname, %s)
            union all select nspname from pg_namespace where starts_with(nspname, %s)
            """,
            [f"{spec.table}__", f"{spec.schema}__"],
        ).fetchall()
    return [name for (name,) in rows]


def test_readers_notice_nothing_of_publishes_and_a_roll_back(place: Settings, mart: Mart, spec: PublishSpec) -> None:
    # A transaction that reads twice may see two generations in mode schema: that is its limit, shown below.
    with Fleet(place, table=f"{spec.schema}.{spec.table}", ordered=False, twice=spec.mode == "merge") as fleet:
        for version in (2, 3, 4):
            mart.build(version)
            assert publish(place, spec).outcome == "published"
            fleet.wait_for_reads(20)
        assert roll_back(place, spec, target="prod", run_id=f"back {spec.name}").content >= 1
        fleet.wait_for_reads(20)
    fleet.check(at_least=80)
    assert verify(place, spec).intact
    assert publish(place, spec).outcome == "held"
    # The live rows and one generation to roll back to; the copy of a merge's live rows counts as a table too.
    assert len(stored(place, spec)) == (2 if spec.mode == "merge" else 1)


def test_a_merge_changes_only_what_differs_and_keeps_the_table(
    place: Settings, mart: Mart, merged: PublishSpec
) -> None:
    def state(connection: psycopg.Connection) -> tuple[object, ...]:
        row = connection.execute("select 'merged'::regclass::oid").fetchone()
        untouched = connection.execute("select ctid from merged where platform_id = 'id0'").fetchone()
        return (*(row or ()), *(untouched or ()))

    with writer(place, "prod") as connection:
        connection.execute("set search_path = public")
        connection.execute("create view merged_top as select * from merged where followers_rank = 1")
        connection.execute("create table fan (id text, month date, platform text, profile text)")
        key = ", ".join(merged.key)
        connection.execute(
            f"alter table fan add foreign key (month, platform, profile, id) references merged ({key})".encode()
        )
        connection.execute("insert into fan values ('id7', '2026-01-01', 'YOUTUBE', 'YA')")
        before = state(connection)
        mart.command(f"alter table {mart.table} delete where platform_id = 'id9' settings mutations_sync = 1")
        mart.command(
            f"alter table {mart.table} update name = 'New' where platform_id = 'id8' settings mutations_sync = 1"
        )
        publication = publish(place, merged)
        assert publication.outcome == "published"
        assert verify(place, merged).mart_is_published
        assert state(connection) == before
        assert connection.execute("select count(*) from merged_top").fetchone() == (1,)
        changed = connection.execute("select name from merged where platform_id = 'id8'").fetchone()
        assert changed == ("New",)
        mart.command(f"alter table {mart.table} delete where platform_id = 'id7' settings mutations_sync = 1")
        with pytest.raises(StirError, match=r"a row that would leave merged is referred to: .*id7.* fan|.*id7"):
            publish(place, merged)
        assert verify(place, merged).intact
        connection.execute("drop view merged_top; drop table fan")
        assert publish(place, merged).outcome == "published"


def test_a_merge_takes_a_new_column_and_refuses_another_type(place: Settings, mart: Mart, merged: PublishSpec) -> None:
    fewer = replace(merged, columns=merged.columns[:-1], name="narrow", table="narrow")
    with registered(fewer):
        mart.build(5)
        publish(place, fewer)
    wider = replace(merged, name="narrow", table="narrow")
    wider = replace(wider, columns=(*fewer.columns, replace(merged.columns[-1], type="Nullable(DateTime('UTC'))")))
    with registered(wider):
        with pytest.raises(StirError, match="would change while applications use it"):
            publish(place, wider)
        assert publish(place, wider, allow=("contract",)).outcome == "published"
        assert verify(place, wider).intact
    retyped = replace(wider, columns=(*wider.columns[:-2], *wider.columns[-1:]))
    with registered(retyped), pytest.raises(StirError, match="a merge cannot change or take away a column of narrow"):
        publish(place, retyped, allow=("contract",))


def test_a_merge_refuses_another_list_of_indexes_and_says_the_statements_that_mend_it(
    place: Settings, mart: Mart, merged: PublishSpec
) -> None:
    first, second, *others = merged.indexes
    changed = replace(
        merged, indexes=(replace(second, columns=("platform_id", "month")), Index("new", ("name",)), *others)
    )
    with registered(changed):
        mart.build(40)
        with pytest.raises(StirError) as refusal:
            publish(place, changed)
        said = refusal.value.line
        assert (
            f"missing: merged_new; on other columns: merged_{second.name}; of an older spec: merged_{first.name}"
            in said
        )
        assert verify(place, changed).intact, "nothing was done"
        with writer(place, "prod") as connection:
            connection.execute("create index by_hand on public.merged (platform_id, month)")
            for statement in said.partition("publish again: ")[2].split("; "):
                connection.execute(statement.encode())
        assert publish(place, changed).outcome == "published"
        with writer(place, "prod") as connection:
            connection.execute("drop index public.by_hand")
    with registered(merged), writer(place, "prod") as connection:
        with pytest.raises(StirError, match=f"missing: merged_{first.name}"):
            publish(place, merged)
        connection.execute("drop table public.merged")


def test_a_merge_leaves_an_old_snapshot_its_rows(place: Settings, mart: Mart, merged: PublishSpec) -> None:
    old = connections.postgres(place, role="reader")
    old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    first = old.execute("select max(uploads) from merged").fetchone()
    mart.build(30)
    assert publish(place, merged).outcome == "published"
    assert old.execute("select max(uploads) from merged").fetchone() == first
    old.close()


def test_a_reader_who_holds_on_does_not_stop_a_schema_swap_but_sees_two_generations(
    place: Settings, mart: Mart
) -> None:
    with registered(OWN_SCHEMA) as spec:
        mart.build(31)
        publish(place, spec)
        holder = connections.postgres(place, role="reader")
        holder.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert holder.execute("select max(uploads) from boards.board").fetchone() == (31,)
        mart.build(32)
        assert publish(place, spec).outcome == "published"
        assert holder.execute("select max(uploads) from boards.board").fetchone() == (32,), "the limit of mode schema"
        assert any(name.startswith("boards__") for name in stored(place, spec)), "its old table waits for the reader"
        holder.close()
        mart.build(33)
        publish(place, spec)
        assert not any(name.startswith("boards__") for name in stored(place, spec))


def test_a_mode_is_not_changed_and_a_schema_is_the_tables_own(place: Settings, mart: Mart, merged: PublishSpec) -> None:
    with registered(replace(merged, mode="rename")), pytest.raises(StirError, match="published in mode merge"):
        publish(place, merged.name)
    with registered(OWN_SCHEMA) as spec, writer(place, "prod") as connection:
        publish(place, spec, allow=("freshness",))
        connection.execute("create table boards.intruder ()")
        with pytest.raises(
            StirError, match=r"boards\.board has something that a publish would lose: table boards\.intruder"
        ):
            publish(place, spec)
        connection.execute("drop table boards.intruder")
        assert generations.live(connection, spec)


@pytest.mark.parametrize(
    "effect",
    # A row that a trigger withholds is missed by the same comparison as one that it changes.
    [
        pytest.param("new.name = 'spoilt'; return new", id="another value"),
        pytest.param("return null", id="no row", marks=pytest.mark.long),
    ],
)
def test_a_merge_whose_content_a_trigger_changes_is_refused(
    place: Settings, mart: Mart, merged: PublishSpec, effect: str
) -> None:
    mart.build(40)
    with writer(place, "prod") as connection:
        connection.execute(
            f"create function public.spoil() returns trigger language plpgsql as $$ begin {effect}; end $$;"
            "create trigger spoil before insert or update on public.merged for each row "
            "execute function public.spoil()".encode()
        )
        try:
            with pytest.raises(
                StirError, match=r"after the merge merged would hold .*find out which other session writes to it"
            ):
                publish(place, merged)
            assert verify(place, merged).intact
        finally:
            connection.execute("drop function public.spoil cascade")
    assert publish(place, merged).outcome == "published"
