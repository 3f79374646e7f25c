"""Days of models are built again beside the live tables, compared, swapped in and put back, whatever is killed."""

from __future__ import annotations

import json
import secrets
import signal
import threading
from collections.abc import Iterator
from datetime import date

import pytest
from tests.dbt_forks import Forks

from stir import connections
from stir.settings import Settings

from .backfill_plant import HISTORY, NEXT, PUBLISHED, Warehouse, make_warehouse
from .planted import own_database

MAY = ("--from", "2026-05-01", "--to", "2026-05-31")


def late(warehouse: Warehouse, name: str) -> None:
    """Bring two events of 20 May whose time of arrival no run looks back to any more."""
    warehouse.bring(
        f"select concat('{name}', toString(number)), 'anna', 1000, toDateTime('2026-05-20 08:00:00', 'UTC'),"
        " toDateTime('2026-05-20 09:00:00', 'UTC') from numbers(2)"
    )


@pytest.fixture(scope="module")
def warehouse(settings: Settings, tmp_path_factory: pytest.TempPathFactory, forked_dbt: Forks) -> Iterator[Warehouse]:
    """The planted project, built; shadows the shared warehouse."""
    feed = f"feed_{secrets.token_hex(3)}"
    with own_database(settings, "planted") as own:
        made = make_warehouse(own, tmp_path_factory.mktemp("backfill"), feed, forked_dbt)
        yield made
        for name in made.databases():
            made.client().command(f"drop database if exists `{made.database}{name}` sync")
        made.client().command(f"drop database if exists {feed} sync")


def test_days_that_nothing_changed_are_found_the_same_and_nothing_is_swapped(warehouse: Warehouse) -> None:
    before = warehouse.content()
    found = warehouse.changes("backfill", "history", *MAY)
    if found["phase"] == "SWAPPED":  # with what tests before this one have brought
        before, found = warehouse.content(), warehouse.changes("backfill", "history", *MAY)
    assert {each["model"] for each in found["changes"]} == set(HISTORY)
    assert all(each["same"] for each in found["changes"])
    assert all(each["periods"] for each in found["changes"]), "days were compared"
    assert found["phase"] == "DISCARDED"
    assert not found["swaps"]
    assert warehouse.content() == before
    assert "_backfill" not in warehouse.databases()


def test_a_dry_run_names_models_days_partitions_and_readers_and_builds_nothing(warehouse: Warehouse) -> None:
    found = warehouse.changes("backfill", "series", *MAY, "--dry-run")
    [series] = found["models"]
    # the week and the month that hold 1 May begin in April
    assert (series["first"], series["end"], series["partitions"]) == ("2026-04-26", "2026-06-01", ["2026"])
    assert series["rows"] == 2 * 36
    assert found["readers"]["steps"] == "a view: shows them at once"
    assert found["readers"]["board"] == "not rebuilt, unless with --downstream"
    assert "_backfill" not in warehouse.databases()
    tagged = warehouse.changes("backfill", "history", *MAY, "--dry-run")
    names = [each["model"] for each in tagged["models"]]
    assert names[:2] == ["log", "series"]
    assert set(names) == set(HISTORY)
    assert set(tagged["skipped"]) == {"steps", "names"}
    assert tagged["views"] == ["steps"]


def test_late_rows_are_found_by_day_and_mended_and_nothing_else_is_touched(
    warehouse: Warehouse, request: pytest.FixtureRequest
) -> None:
    late(warehouse, "late")
    warehouse.build(NEXT)
    assert not [row for row in warehouse.rows("log") if row[0].startswith("late")], "no run looks back so far"
    before = warehouse.content()

    checked = warehouse.stir("repair", "log", "--since", "2026-05-01", "--check")
    assert checked.returncode == 1, checked.stderr
    assert "log: 1 of 45 periods differ" in checked.stdout
    assert "2026-05-20" in checked.stdout
    assert warehouse.content() == before
    assert "_backfill" not in warehouse.databases()

    # A repair goes on as a backfill does, which the test of one that is killed anywhere shows.
    for point in ("built", "kept") if request.config.getoption("--long") else ():
        assert warehouse.killed(point, "repair", "log", "2026-05-01") == -signal.SIGKILL
        assert warehouse.content() == before, point
    mended = warehouse.changes("repair", "log", "--since", "2026-05-01")
    [change] = mended["changes"]
    [day] = [period for period in change["periods"] if not period["same"]]
    assert (day["day"], day["removed"], day["changed"]) == ("2026-05-20", 0, 0)
    assert day["added"] >= 2
    assert change["sums"]["value"]["after"] - change["sums"]["value"]["before"] == 1000 * day["added"]
    assert mended["swaps"] == {"log": ["202605"]}, "June does not differ"
    assert len(warehouse.rows("log")) == len(before["log"]) + day["added"]
    assert {name: rows for name, rows in warehouse.content().items() if rows != before[name]}.keys() == {"log"}


def test_a_tag_is_swapped_in_the_order_of_building_and_undone_as_one(warehouse: Warehouse) -> None:
    late(warehouse, "tag")
    before = warehouse.content()
    found = warehouse.changes("backfill", "log", *MAY, "--downstream")
    changed = {each["model"]: each for each in found["changes"] if not each["same"]}
    assert set(changed) == set(HISTORY)
    assert changed["series"]["movers"][0]["key"] == "('anna','2026-05-20')"
    assert list(found["readers"]) == ["steps", "names"], "in the order of building"
    after = warehouse.content()
    totals = {
        name: sum(row[-2 if name == "series" else 0] if name == "days" else row[1] for row in after[name])
        for name in ("series", "board")
    }
    assert totals["series"] == totals["board"]
    assert warehouse.client().query(f"select sum(total) from `{warehouse.database}`.days").first_row == (
        totals["series"],
    )
    assert [row for row in after["board"] if row not in before["board"]] == [
        row for row in after["board"] if row[0] == "anna" and row[2] == date(2026, 5, 1)
    ]

    undone = warehouse.changes("backfill", "--undo")
    assert (undone["backfill"], undone["phase"]) == (found["backfill"], "UNDONE")
    assert warehouse.content() == before
    for number, line in ((str(found["backfill"]), "is UNDONE"), ("", "is undone already")):
        again = warehouse.stir(*f"backfill --undo {number}".split())
        assert again.returncode == 1
        assert line in again.stderr, "the one before it stays as it is"


def test_killed_anywhere_it_goes_on_and_readers_see_each_month_as_it_was_or_as_it_is(
    warehouse: Warehouse, request: pytest.FixtureRequest
) -> None:
    """On a push at one point of each part: of building, before the swap, of the swap, behind it, and of the undoing."""
    is_long = request.config.getoption("--long")
    late(warehouse, "killed")
    before = warehouse.content()
    work = ("history", "2026-05-01", "2026-05-31")
    command = ("backfill", "history", *MAY)
    for point, nth in (*([("begun", 1)] if is_long else []), ("model built", 2)):
        assert warehouse.killed(point, *work, nth=nth) == -signal.SIGKILL
        assert warehouse.content() == before
    for point in ("built", "compared", "kept") if is_long else ("kept",):
        assert warehouse.killed(point, *work) == -signal.SIGKILL
        assert warehouse.content() == before, point
    other = warehouse.stir("backfill", "log", *MAY)
    assert other.returncode == 1
    assert "is unfinished (BUILDING)" in other.stderr
    assert other.stderr.count("\n") == 1

    gaps: list[str] = []
    ended = threading.Event()
    reader = threading.Thread(target=watch, args=(warehouse, before, gaps, ended))
    reader.start()
    try:
        swapping = [("before swap", 1), ("partition swapped", 1), ("partition swapped", 2)]
        for point, nth in swapping if is_long else swapping[1:2]:
            assert warehouse.killed(point, *work, nth=nth) == -signal.SIGKILL
        discarded = warehouse.stir("backfill", "--discard")
        assert discarded.returncode == 1
        assert "--undo` takes it back" in discarded.stderr
        assert warehouse.killed("swapped", *work) == -signal.SIGKILL
        newest = json.loads(warehouse.stir("backfill", "--list", "--json").stdout)[0]
        assert newest["phase"] == "SWAPPED"
        assert set(newest["swaps"]) == set(HISTORY)
        after = warehouse.content()
        undoing = ("undo begun", "partition restored", "newer rows restored")
        for point in undoing if is_long else undoing[1:2]:
            assert warehouse.killed(point, "undo") == -signal.SIGKILL
        refused = warehouse.stir(*command)
        assert refused.returncode == 1
        assert "is unfinished (UNDOING)" in refused.stderr
        assert warehouse.changes("backfill", "--undo")["phase"] == "UNDONE"
    finally:
        ended.set()
        reader.join()
    assert not gaps
    assert warehouse.content() == before != after
    assert "_backfill" not in warehouse.databases()


def watch(
    warehouse: Warehouse, before: dict[str, list[tuple[object, ...]]], gaps: list[str], ended: threading.Event
) -> None:
    """Note every moment at which a table has fewer rows than before."""
    client = warehouse.client()
    while not ended.wait(0.05):  # twenty looks a second leave the backfill half of the machine
        for model in HISTORY:
            final = " final" if model in ("log", "series") else ""
            rows = client.query(f"select count() from `{warehouse.database}`.{model}{final}").first_row[0]
            if rows < len(before[model]):
                gaps.append(f"{model}: {rows}")


def test_what_runs_bring_meanwhile_stays_after_the_swap_and_after_the_undoing(warehouse: Warehouse) -> None:
    models, june = "log series days", ("--from", "2026-05-01", "--to", "2026-06-14")
    warehouse.client().command(
        f"alter table {warehouse.feed}.events update value = value + 1 where account = 'ben'"
        " settings mutations_sync = 2"
    )
    assert warehouse.changes("backfill", models, *june, "--hold")["phase"] == "BUILDING"
    arrived = (
        "select 'new{0}', 'anna', 5, toDateTime('2026-06-14 22:00:00', 'UTC'),"
        " toDateTime('2026-06-15 0{0}:30:00', 'UTC')"
    )
    warehouse.bring(arrived.format(1))
    warehouse.build("2026-06-15T02:00:00Z", "--select", "log")
    found = warehouse.changes("backfill", models, *june)
    assert found["phase"] == "SWAPPED"
    ids = {row[0]: row for row in warehouse.rows("log")}
    assert "new1" in ids
    assert ids["ben59"][2] == 59 % 17 + 1
    warehouse.bring(arrived.format(2))
    warehouse.build("2026-06-15T03:00:00Z", "--select", models)
    built = warehouse.rows("days")
    undone = warehouse.changes("backfill", "--undo", str(found["backfill"]))
    assert undone["newer_rows_kept"]["log"] >= 1
    assert undone["built_since"] == {"days": ["all"]}, "what a build has replaced since is no longer the backfill's"
    assert warehouse.rows("days") == built
    ids = {row[0]: row for row in warehouse.rows("log")}
    assert {"new1", "new2"} <= ids.keys()
    assert ids["ben59"][2] == 59 % 17

    # The clock steps back by an hour, and a run is one for a moment at which new2 had not come.
    warehouse.build("2026-06-15T02:00:00Z", "--select", "log")
    warehouse.client().command(f"optimize table `{warehouse.database}`.data_freshness final")  # the last notes alone
    before = warehouse.content()
    refused = warehouse.stir("backfill", "log", *june)
    assert refused.returncode == 1
    line = "stir: log would lose 1 rows that the build as of 2026-06-15 03:00 had read: its last build is as of"
    assert refused.stderr.splitlines()[-1].startswith(line)
    assert warehouse.stir("backfill", "--discard").returncode == 0
    assert warehouse.content() == before


def test_a_month_that_the_source_has_lost_is_not_swapped_away(warehouse: Warehouse) -> None:
    before = warehouse.content()
    warehouse.client().command(f"alter table {warehouse.feed}.events drop partition 202604")
    lost = warehouse.stir("backfill", "log", "--from", "2026-04-01", "--to", "2026-04-30")
    assert lost.returncode == 1
    assert lost.stderr.splitlines()[-1].startswith("stir: log would have 30 of 30 rows fewer")
    assert warehouse.content() == before
    warehouse.client().command(f"rename table {warehouse.feed}.events to {warehouse.feed}.away")
    gone = warehouse.stir("repair", "log", "--since", "2026-06-01", "--check")
    assert gone.returncode == 1
    assert warehouse.content() == before
    warehouse.client().command(f"rename table {warehouse.feed}.away to {warehouse.feed}.events")
    assert warehouse.stir("backfill", "--discard").returncode == 0
    assert "_backfill" not in warehouse.databases()
    assert warehouse.content() == before


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("backfill", "log", "--from", "2026-05-02", "--to", "2026-05-01"), "--from 2026-05-02 is after --to 2026-05"),
        (("backfill", "steps", *MAY), "steps is a view and holds no rows, so no days of it can be built again"),
        (("repair", "board", "--since", "2026-05-01"), "board freezes its months when they close"),
        (("backfill", "--discard",), "there is no unfinished backfill"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_line(warehouse: Warehouse, arguments: tuple[str, ...], line: str) -> None:
    done = warehouse.stir(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(f"stir: {line}")
    assert done.stderr.count("\n") == 1


def test_days_without_a_row_anywhere_are_said_and_change_nothing(warehouse: Warehouse) -> None:
    done = warehouse.stir("backfill", "log", "--from", "2025-01-01", "--to", "2025-01-31")
    assert done.returncode == 0
    assert "there are no rows on these days" in done.stdout


def test_a_run_of_airflows_backfill_rebuilds_its_day_and_one_by_hand_needs_days(warehouse: Warehouse) -> None:
    late(warehouse, "run")
    before = warehouse.rows("log")
    found = warehouse.task({"rebuild": True, "select": "log"}, "2026-05-20T19:00:00+00:00")
    assert list(found["built"]) == ["log"]
    assert {"run0", "run1"} <= {row[0] for row in warehouse.rows("log")} - {row[0] for row in before}
    by_hand = {"rebuild": True, "rebuild_from": "2026-05-20"}
    assert "needs both rebuild_from and rebuild_to" in warehouse.task(by_hand)["failed"]
    assert warehouse.task({**by_hand, "rebuild_to": "2026-05-20", "dry_run": True})["built"] == {}


def test_two_at_once_are_refused(warehouse: Warehouse) -> None:
    with connections.postgres(warehouse.own, autocommit=True) as other:
        other.execute("select pg_advisory_lock(hashtext('stir backfill'), hashtext(%s))", [warehouse.database])
        done = warehouse.stir("backfill", "log", *MAY)
    assert done.returncode == 1
    assert done.stderr.startswith("stir: another backfill or repair of this warehouse is running")
    assert set(PUBLISHED) >= set(HISTORY)
