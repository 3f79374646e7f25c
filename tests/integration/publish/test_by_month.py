"""Mode `partition`: months of a table that stays are exchanged for others, and nobody notices more than at a rename."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import LiteralString

import psycopg
import pytest

from stir import connections
from stir.errors import StirError
from stir.publish import STEPS, PublishSpec, begin, publish, roll_back, verify
from stir.publish.export import slices
from stir.publish.progress import UNWATCHED
from stir.publish.session import writer
from stir.settings import Settings

from .cut_short import known
from .left_overs import generations, left_overs, next_version, once
from .marts import Mart
from .postgres_host import PostgresHost
from .readers import Fleet
from .registered import registered

MONTHS = 3


@pytest.fixture(scope="module")
def spec() -> Iterator[PublishSpec]:
    with registered(known()) as spec:
        yield spec


@pytest.fixture(scope="module")
def mart(place: Settings, spec: PublishSpec) -> Mart:
    """Published twice, so that there is a generation to go back to."""
    mart = Mart(place, spec, MONTHS)
    for version in (1, 2):
        mart.build(version)
        publish(place, spec)
    return mart


def ask(place: Settings, query: str, role: str = "reader") -> list[tuple[object, ...]]:
    with connections.postgres(place, role=role, autocommit=True) as connection:  # type: ignore[arg-type]
        return connection.execute(query.encode()).fetchall()


def oid(place: Settings) -> object:
    return ask(place, "select 'by_month'::regclass::oid")[0][0]


def shown(place: Settings, table: str = "by_month") -> int:
    """The version that a table shows, which must be whole."""
    (newest, oldest), *_ = ask(place, f"select max(uploads), min(uploads) from {table}")
    assert isinstance(newest, int)
    assert newest - int(str(oldest)) == MONTHS - 1
    return newest


def test_one_month_travels_and_the_table_stays(place: Settings, spec: PublishSpec, mart: Mart) -> None:
    before, table = generations(place, spec)[-1], oid(place)
    version = next_version(place, spec)
    mart.build(version)
    state = publish(place, spec)
    after = generations(place, spec)[-1]
    assert (state.outcome, oid(place), shown(place)) == ("published", table, version)
    assert 0 < state.carried_rows < state.rows
    assert {*state.carried} == {
        month for month in after.partitions if after.partitions[month] == before.partitions[month]
    }
    assert verify(place, spec).mart_is_published
    assert left_overs(place, spec) == []
    assert shown(place, f"stir.{before.stored_as}") == version - 1, "readers finish in the generation before"
    live, kept = (
        ask(place, f"explain select * from {name} where month = '2026-02-01' and platform = 'ALL'")
        for name in ("by_month", f"stir.{before.stored_as}")
    )
    for plan, months in ((live, after.partitions), (kept, before.partitions)):
        text = "\n".join(str(line[0]) for line in plan)
        assert months["2026-02-01"] in text
        assert not any(months[month] in text for month in ("2026-01-01", "2026-03-01")), text


def test_readers_notice_nothing_of_exchanges_and_roll_backs(place: Settings, spec: PublishSpec, mart: Mart) -> None:
    table = oid(place)
    with Fleet(place, table=spec.table, months=MONTHS, ordered=False) as fleet:
        version = next_version(place, spec)
        mart.build(version)
        publish(place, spec)
        before = generations(place, spec)[-2]
        roll_back(place, spec, target="prod", run_id=once("back"))
        assert generations(place, spec)[-1].content == before.content
        assert shown(place) == version - 1
        assert verify(place, spec).intact
        fleet.wait_for_reads(20)
        assert publish(place, spec).outcome == "held"
        assert publish(place, spec, force=True).outcome == "published"
        assert left_overs(place, spec) == []
    fleet.check(at_least=50)
    assert oid(place) == table


def test_objects_that_depend_on_the_table_stay_and_what_an_exchange_cannot_serve_is_refused(
    place: Settings, spec: PublishSpec, mart: Mart
) -> None:
    mart.build(next_version(place, spec))
    with connections.postgres(place, role="admin", autocommit=True) as admin:
        admin.execute("create view first_of_month as select * from by_month where followers_rank = 1")
        admin.execute("alter table by_month enable row level security")
        admin.execute("create policy of_january on by_month for select using (month = '2026-01-01')")
        admin.execute("alter table by_month alter handle set default 'x'")
        admin.execute("grant select (month) on by_month to public")
        publish(place, spec)
        assert {str(row[0]) for row in ask(place, "select distinct month from by_month")} == {"2026-01-01"}
        assert ask(place, "select count(*) from first_of_month", "admin") == [(1,)]
        kept = generations(place, spec)[-2].stored_as
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(place, f"select from stir.{kept}")
        admin.execute("drop policy of_january on by_month; alter table by_month disable row level security")
        admin.execute("drop view first_of_month; alter table by_month alter handle drop default")
        for make, undo, named in REFUSED:
            admin.execute(make)
            with pytest.raises(StirError, match=f"by_month has .*{named}"):
                begin(place, spec.name, run_id=once("refused"))
            admin.execute(undo)
        month = generations(place, spec)[-1].partitions["2026-02-01"]
        mart.build(next_version(place, spec))
        admin.execute(f"alter table by_month detach partition stir.{month}".encode())
        with pytest.raises(StirError, match=f"other partitions than generation .*: {month}"):
            publish(place, spec)
        bounds = "from ('2026-02-01') to ('2026-03-01')"
        admin.execute(f"alter table by_month attach partition stir.{month} for values {bounds}".encode())
    publish(place, spec)
    assert left_overs(place, spec) == []


REFUSED: tuple[tuple[LiteralString, LiteralString, str], ...] = (
    ("create index by_hand on by_month (name)", "drop index by_hand", "index by_hand"),
    (
        "create trigger tells after insert on by_month for each row execute function tsvector_update_trigger(a, b, c)",
        "drop trigger tells on by_month",
        "trigger tells",
    ),
    ("create publication of_board for table by_month", "drop publication of_board", "publication of"),
    ("create publication of_all for tables in schema stir", "drop publication of_all", "publication of_all"),
    (
        "create table fan (like by_month); alter table fan add foreign key (month, platform, profile_platform, "
        "platform_id) references by_month",
        "drop table fan",
        "constraint fan_",
    ),
)
"""What sees the rows of a table come and go, of which an exchange has none, and what it would build under its lock."""


def test_a_month_that_somebody_changed_by_hand_is_found_by_verify_and_force_corrects_it(
    place: Settings, spec: PublishSpec, mart: Mart
) -> None:
    with writer(place, "prod") as connection:
        connection.execute("update public.by_month set likes = 7 where month = '2026-01-01' and platform_id = 'id0'")
    assert not verify(place, spec).intact
    table = oid(place)
    assert publish(place, spec, force=True).carried_rows == 0
    assert verify(place, spec).mart_is_published
    assert oid(place) == table


def test_a_month_over_ssh_is_loaded_by_the_host(
    place: Settings, spec: PublishSpec, mart: Mart, host: PostgresHost
) -> None:
    version = next_version(place, spec)
    mart.build(version)
    with closing(connections.postgres(place, role="reader")) as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("select 1")
        assert publish(host.settings, spec).carried_rows > 0
        assert old.execute("select count(distinct month) from by_month").fetchone() == (MONTHS,)
    assert verify(place, spec).mart_is_published
    assert shown(place) == version


def test_months_on_parallel_connections_step_by_step(
    place: Settings, spec: PublishSpec, mart: Mart, in_parallel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "ROWS_PER_PART", 100)
    mart.build(next_version(place, spec))
    state = begin(place, spec.name, run_id=once("steps"))
    for step in ("export", "load", "index", "verify", "swap", "tidy"):
        state = STEPS[step](place, state, UNWATCHED)
        state = type(state).from_dict(state.to_dict())
    assert (state.outcome, bool(state.loaded_xid)) == ("published", True)
    assert state.parts == 2 * 4
    assert verify(place, spec).mart_is_published


def test_a_plain_table_moves_over_under_readers_and_back(place: Settings) -> None:
    plain = replace(known(), name="moves", table="moves", mode="rename")
    months = replace(plain, mode="partition")
    mart = Mart(place, plain, MONTHS)
    mart.build(1)
    with registered(plain):
        publish(place, plain)
    with Fleet(place, table="moves", months=MONTHS, ordered=False) as fleet, registered(months):
        mart.build(2)
        assert publish(place, months).carried_rows == 0
        assert roll_back(place, months, target="prod", run_id=once("back")).content == 1
        assert publish(place, months, force=True).carried_rows == 0
        mart.build(3)
        assert publish(place, months).carried_rows > 0
        assert roll_back(place, months, target="prod", run_id=once("back")).content == 4
        fleet.wait_for_reads(20)
        # Another comment is another spec: the table is made again, and what was live is kept whole.
        described = replace(months, comment="Another comment.")
        with registered(described):
            mart.build(4)
            assert publish(place, described).carried_rows == 0
            with pytest.raises(StirError, match=r"part of stir.moves__\w+, the table of generation 4 .*--to 4"):
                roll_back(place, described, target="prod", run_id=once("back"))
            roll_back(place, described, target="prod", run_id=once("back"), to=4)
            assert shown(place, "moves") == 2
            assert publish(place, described, force=True).outcome == "published"
            assert left_overs(place, described) == []
        with registered(plain):
            mart.build(5)
            assert publish(place, plain, force=True).outcome == "published"
            assert roll_back(place, plain, target="prod", run_id=once("back")).content == 9
            assert shown(place, "moves") == 4
    fleet.check(at_least=50)
