"""A publish on real engines: what arrives, what is refused, what is kept, what is left behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import psycopg
import pytest

from stir import connections
from stir.errors import StirError
from stir.publish import SPECS, STEPS, begin, publish, roll_back, verify
from stir.publish.export.slices import conditions
from stir.publish.progress import POINTS, UNWATCHED, HostPoint, Observer, Point
from stir.publish.session import writer
from stir.settings import PROJECT_DIR, Settings

from .left_overs import BOARD, generations, left_overs
from .marts import MADE_UP, Mart, marts, rows_of


def plain(row: Sequence[object]) -> list[object]:
    """A row without what the two drivers do differently: the zone object of a time."""
    return [f"{value:%F %T}" if isinstance(value, datetime) else value for value in row]


@pytest.mark.parametrize("name", MADE_UP)
def test_what_the_snapshot_holds_arrives_value_by_value(place: Settings, name: str) -> None:
    spec, mart = SPECS[name], marts(place)[name]
    mart.build(1)
    publication = publish(place, spec)
    assert (publication.outcome, publication.generation, publication.rows) == ("published", 1, rows_of(1))
    assert publication.reason == "", "tidying up failed"
    found = verify(place, spec)
    assert found.intact
    assert found.mart_is_published
    # The checksums agree; now look with other eyes.
    query = f"select {', '.join(column.name for column in spec.columns)} from {{}} order by {', '.join(spec.key)}"
    with connections.postgres(place, role="reader") as connection:
        ours = connection.execute(query.format(spec.table).encode()).fetchall()
    theirs = connections.clickhouse(place).query(query.format(f"{mart.table} {'final' if spec.final else ''}"))
    assert [plain(row) for row in ours] == [plain(row) for row in theirs.result_rows]


def test_readers_get_keys_lookup_indexes_and_comments(place: Settings) -> None:
    with connections.postgres(place, role="reader") as connection:
        names = connection.execute(
            "select indexname from pg_indexes where tablename = 'leaderboard' order by 1"
        ).fetchall()
        assert {name for (name,) in names} == {
            "leaderboard_pkey",
            *(f"leaderboard_{index.name}" for index in BOARD.indexes),
        }
        connection.execute("set enable_seqscan = off")
        plan = connection.execute(
            "explain select * from leaderboard where month = '2026-01-01' and platform = 'ALL' "
            "order by followers_rank limit 5"
        ).fetchall()
        assert any("leaderboard_by_followers" in line for (line,) in plan), plan
        comment = connection.execute("select col_description('leaderboard'::regclass, 1)").fetchone()
        assert comment == ("First day of the month.",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from leaderboard")


def test_the_freshness_query_of_the_documentation_works_unchanged(place: Settings) -> None:
    page = (PROJECT_DIR / "docs" / "publishing.md").read_text()
    query = page.split("```sql")[1].split("```")[0]
    with connections.postgres(place, role="reader") as connection:
        row = connection.execute(query.encode()).fetchone()
    live = generations(place)[-1]
    assert row == (live.generation, live.watermark, live.published_at, live.rows)


def test_publishing_an_unchanged_mart_is_a_no_op_and_force_overrides(place: Settings) -> None:
    before = generations(place)
    again = publish(place, BOARD)
    assert (again.outcome, again.generation) == ("unchanged", before[-1].generation)
    assert generations(place) == before
    assert left_overs(place) == []
    assert publish(place, BOARD, force=True).generation == before[-1].generation + 1


def test_the_same_run_id_publishes_once(place: Settings, mart: Mart) -> None:
    mart.build(2)
    first = publish(place, BOARD, run_id="scheduled__2026-06-15T22:15:00+00:00")
    mart.build(3)
    again = publish(place, BOARD, run_id="scheduled__2026-06-15T22:15:00+00:00")
    assert (again.outcome, again.generation) == ("published", first.generation)
    assert generations(place)[-1].generation == first.generation


def test_a_large_mart_travels_in_parts_on_several_connections(place: Settings, mart: Mart, in_parallel: None) -> None:
    mart.build(4)
    publication = publish(place, BOARD)
    assert publication.parts == 4
    assert verify(place, BOARD).intact


@pytest.mark.parametrize("name", MADE_UP)
@pytest.mark.parametrize("query", ["", "select * from {mart}"], ids=["along the sorting key", "by hash"])
def test_every_row_is_in_exactly_one_part(place: Settings, name: str, query: str) -> None:
    mart = marts(place)[name]
    mart.build(1)
    client = connections.clickhouse(place)
    spec = replace(mart.spec, query=query)
    found = conditions(client, spec, mart.table, 16)
    assert len(found) == (4 if query else 16)
    times = " + ".join(f"({condition})" for condition in found)
    sizes = ", ".join(f"countIf({condition})" for condition in found)
    final = " final" if spec.final else ""
    rows = client.query(f"select countIf({times} = 1), count(), [{sizes}] from {mart.table}{final}").result_rows[0]
    assert rows[:2] == (rows_of(1), rows_of(1))
    assert min(rows[2]) > rows_of(1) / 64, "parts are about even"


def test_an_indexed_lookup_by_platform_id_finds_one_row(place: Settings) -> None:
    with connections.postgres(place, role="reader") as connection:
        connection.execute("set enable_seqscan = off")
        assert len(connection.execute("select * from leaderboard where platform_id = 'id7'").fetchall()) == 1


def test_staging_is_another_database_with_books_of_its_own(place: Settings, mart: Mart) -> None:
    live = generations(place)[-1].generation
    assert publish(place, BOARD, "staging").generation == 1
    assert generations(place)[-1].generation == live
    assert verify(place, BOARD, "staging").intact


def test_roll_back_shows_the_previous_generation_and_holds_what_was_rolled_back(place: Settings, mart: Mart) -> None:
    mart.build(5)
    good = publish(place, BOARD)
    mart.build(6)
    bad = publish(place, BOARD)
    event = roll_back(place, BOARD, target="prod", run_id="undo")
    assert (event.generation, event.content) == (bad.generation + 1, good.generation)
    assert verify(place, BOARD).intact
    held = publish(place, BOARD)
    assert held.outcome == "held"
    assert f"generation {bad.generation}" in held.reason
    forward = roll_back(place, BOARD, target="prod", run_id="redo", to=bad.generation)
    assert forward.content == bad.generation
    roll_back(place, BOARD, target="prod", run_id="undo again")
    mart.build(7)
    assert publish(place, BOARD).outcome == "published"
    assert verify(place, BOARD).mart_is_published


def test_a_roll_back_to_what_is_gone_names_what_is_kept(place: Settings) -> None:
    kept = next(item.content for item in generations(place) if item.kept)
    with pytest.raises(StirError, match=f"generation 1 of leaderboard is not kept; `--to` one of: {kept}"):
        roll_back(place, BOARD, target="prod", run_id="too far", to=1)


def test_one_generation_is_kept_besides_the_live_one(place: Settings) -> None:
    history = generations(place)
    live = history[-1]
    assert live.state(live) == "live"
    assert len({item.content for item in history if item.state(live) == "kept"}) == BOARD.keep
    assert left_overs(place) == []


def test_a_loaded_table_in_which_one_value_is_another_is_not_published(place: Settings, mart: Mart) -> None:
    mart.build(7)
    publish(place, BOARD, allow=("freshness",))
    state = begin(place, "leaderboard", run_id="one value", force=True)
    for step in ("export", "load", "index"):
        state = STEPS[step](place, state, UNWATCHED)
    with writer(place, "prod") as connection:
        connection.execute(f"update stir.{state.loaded} set followers = 1 where platform_id = 'id5'".encode())
    with pytest.raises(StirError, match=r"differs from its snapshot: .*\(columns that differ: followers\)"):
        STEPS["verify"](place, state, UNWATCHED)
    STEPS["tidy"](place, state, UNWATCHED)
    assert left_overs(place) == []


def test_verify_sees_a_single_changed_value(place: Settings) -> None:
    with writer(place, "prod") as connection:
        connection.execute("update public.leaderboard set handle = '' where platform_id = 'id0'")
        assert not verify(place, BOARD).intact
        connection.execute("update public.leaderboard set handle = null where platform_id = 'id0'")
        assert verify(place, BOARD).intact
        changed = """current_month_ranks = current_month_ranks || '{"b": 99}'"""
        connection.execute(f"update public.leaderboard set {changed} where platform_id = 'id1'".encode())
        assert not verify(place, BOARD).intact


def test_grants_made_by_hand_survive_a_publish(place: Settings, mart: Mart) -> None:
    with connections.postgres(place, role="admin", autocommit=True) as admin:
        admin.execute("drop role if exists app_of_test")
        admin.execute("create role app_of_test")
        admin.execute("grant select on leaderboard to app_of_test with grant option")
        mart.build(8)
        publish(place, BOARD)
        granted = admin.execute(
            "select has_table_privilege('app_of_test', 'public.leaderboard', 'select with grant option')"
        ).fetchone()
        admin.execute("drop owned by app_of_test")
        admin.execute("drop role app_of_test")
    assert granted == (True,)


def test_a_table_that_somebody_dropped_is_put_back(place: Settings) -> None:
    before = generations(place)[-1]
    with writer(place, "prod") as connection:
        connection.execute("drop table public.leaderboard")
    with pytest.raises(StirError, match=r"public\.leaderboard is gone.*puts it back"):
        verify(place, BOARD)
    again = publish(place, BOARD)
    assert (again.outcome, again.generation) == ("published", before.generation + 1)
    assert verify(place, BOARD).intact
    assert left_overs(place) == []


def test_a_run_id_of_another_table_is_refused_and_holds_nothing(place: Settings) -> None:
    used = generations(place)[-1].run_id
    marts(place)["time_series"].build(2)
    with pytest.raises(StirError, match="was used for another table"):
        publish(place, SPECS["time_series"], run_id=used)
    assert publish(place, SPECS["time_series"]).outcome == "published"


def test_other_columns_come_only_when_they_are_allowed(
    place: Settings, mart: Mart, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrower = replace(BOARD, columns=tuple(column for column in BOARD.columns if column.name != "country"))
    monkeypatch.setitem(SPECS, "leaderboard", narrower)
    mart.build(9)
    with pytest.raises(
        StirError, match=r"would change while applications use it: columns gone: country.*--allow contract"
    ):
        publish(place, narrower)
    assert publish(place, narrower, allow=["contract"]).outcome == "published"
    with pytest.raises(StirError, match="would get other columns"):
        roll_back(place, narrower, target="prod", run_id="columns back")
    roll_back(place, narrower, target="prod", run_id="columns back, allowed", allow_change=True)
    monkeypatch.undo()
    assert verify(place, BOARD).intact


def test_an_observer_sees_every_point_and_the_spans_of_all_work(place: Settings, mart: Mart) -> None:
    points: set[str] = set()
    begun: list[str] = []
    ended: list[str] = []

    class Recorder(Observer):
        def reached(self, point: Point | HostPoint) -> None:
            points.add(point)

        @contextmanager
        def span(self, work: str) -> Iterator[None]:
            begun.append(work)
            yield
            ended.append(work)

    mart.build(1)
    publication = publish(place, BOARD, force=True, allow=("freshness",), observer=Recorder())
    assert points == set(POINTS)
    assert sorted(begun) == sorted(ended)
    assert set(publication.seconds) - {"verify", "total"} <= set(ended)
    assert {"lease", "export: ClickHouse writes a part", "load: COPY of a part", "PostgreSQL sums up"} <= {*ended}
