"""Rows come late, again, out of order and in contradiction: after every run each is staged or counted, no key stands
twice, and a full refresh finds the same rows."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from stir.transform.costs import read_latest_builds
from stir.transform.rejects import TABLE

from .account_feed import AccountFeed
from .delivered_rows import (
    ACTIVITY,
    BEFORE_MARTS,
    EVENTS,
    MARTS,
    NOW,
    RUNS,
    SOURCES,
    START,
    UNTOUCHED,
    Row,
    make_rows,
)
from .staging_server import Staging, staging_server


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staging]:
    with staging_server(tmp_path_factory.mktemp("staging")) as server:
        yield server


CLOCK = (-1, -3, 0, 0)
"""Hours of each run after NOW: the clock steps back once, and that run is one for a moment before the last one's."""


def test_shuffled_late_replayed_and_conflicting_rows_are_staged_or_counted(
    staging: Staging, request: pytest.FixtureRequest
) -> None:
    """Whatever the clock does, and where a run dies after it has added its rows and before it has counted them."""
    for seed in range(40, 45 if request.config.getoption("--long") else 41):
        dice = random.Random(seed)  # noqa: S311  (a test's dice)
        for run, hours in enumerate(CLOCK):
            now = NOW + timedelta(hours=hours)
            for source, make in SOURCES.values():
                staging.deliver(source, make_rows(dice, make, now))
            if run == len(CLOCK) - 2:
                staging.run_dying(as_of=now)
                continue
            staging.run(as_of=now)
            if run != 1:  # what came after a clock that is wrong waits until it is right
                staging.check(run)
    for source in EVENTS.values():
        assert staging.counted(source, "reason = 'conflicting_key'") > 5
    staging.client.command("create database incremental")
    for model in SOURCES:
        staging.keep(model, "incremental")

    staging.run("--full-refresh", as_of=NOW)

    staging.check(RUNS)
    for model in SOURCES:
        # Where a delivery that came earlier contradicts one that was read before it, the one that stood stays.
        same = "event_id not in (select event_id from contested)" if model in EVENTS else "true"
        contested = (
            f"with contested as (select event_id from {SOURCES[model][0]} group by event_id"
            f" having uniq(event_timestamp, profile_id, platform{', shortcode' if 'post' in model else ''}) > 1)"
            if model in EVENTS
            else ""
        )
        here, there = f"{staging.database}.{model} final", f"incremental.{model}"
        for one, other in ((here, there), (there, here)):
            different = staging.count(
                f"{contested} select count() from (select * from {one} where {same} except all select * from {other})"
            )
            assert (model, different) == (model, 0)


def test_marts_built_in_slices_are_those_of_one_full_build(staging: Staging, request: pytest.FixtureRequest) -> None:
    """Late and repeated rows, two of one moment, a run that is killed, and a slow one that commits after the next.

    Without the look-back what came late is missing, in every mart.
    """
    source = SOURCES["stg_beat_post_log"][0]
    is_long = request.config.getoption("--long")
    for seed in range(43, 47 if is_long else 44):
        dice = random.Random(seed)  # noqa: S311
        place = f"marts_{seed}"
        for name in (place, f"{place}_slow", f"{place}_short"):
            staging.client.command(f"create database {name}")
        for run in range(RUNS if is_long else RUNS - 1):
            staging.deliver_to_marts(dice)
            staging.run_marts(also=BEFORE_MARTS)
            if run == 0:
                staging.crash()
            elif run == 1:
                for mart in MARTS:
                    staging.keep(mart, f"{place}_slow")
        staging.commit_late(f"{place}_slow")
        staging.run_marts()
        for mart in MARTS:
            staging.keep(mart, place)

        staging.run_marts("--full-refresh")

        assert {mart: staging.differing(mart, place) for mart in MARTS} == dict.fromkeys(MARTS, 0)
        if not is_long:  # test_time_series.py takes the look-back away, too
            continue
        staging.deliver_to_marts(dice)
        staging.run_marts(also=BEFORE_MARTS, look_back_hours=0)
        for mart in MARTS:
            staging.keep(mart, f"{place}_short")
        staging.run_marts("--full-refresh")
        assert 0 not in {mart: staging.differing(mart, f"{place}_short") for mart in MARTS}.values()
    moments = (
        f"select count() from (select 1 from {source} group by shortcode, event_timestamp having uniq(dimensions) > 1)"
    )
    assert staging.count(moments) > 10
    staging.run(only=BEFORE_MARTS.split())  # the next test counts from here


def test_a_delivery_with_another_time_or_profile_is_set_aside_and_the_first_stays(staging: Staging) -> None:
    dice = random.Random(41)  # noqa: S311
    model = "stg_beat_post_log"
    source, make = SOURCES[model]
    first = make(dice, START) | {
        "event_id": "clash", "platform": "INSTAGRAM", "profile_id": "5", "shortcode": "s",
        "event_timestamp": START, "insert_timestamp": NOW - timedelta(days=9),
    }  # fmt: skip
    later = [
        first | change | {"insert_timestamp": NOW - timedelta(days=8, hours=number)}
        for number, change in enumerate[Row](
            [
                {"event_timestamp": START + timedelta(seconds=1)},
                {"event_timestamp": START + timedelta(days=40)},
                {"profile_id": "6"},
                {"platform": "YOUTUBE"},
                {"shortcode": "t"},
            ]
        )
    ]
    refused = staging.counted(source, "reason = 'conflicting_key'")
    again = first | {"insert_timestamp": NOW - timedelta(days=1)}
    for batch in ([first], later[:2], [*later[2:], again]):
        staging.deliver(source, batch)
        staging.run(only=[model])
        assert staging.wrong(model) == {}
    assert staging.counted(source, "reason = 'conflicting_key'") == refused + len(later)

    query = f"select event_at, profile_id, platform, shortcode from {staging.database}.stg_beat_post_log final"
    stands = [(START, "5", "INSTAGRAM", "s")]
    assert staging.client.query(f"{query} where event_id = 'clash'").result_rows == stands
    staging.run("--full-refresh", only=[model])
    assert staging.client.query(f"{query} where event_id = 'clash'").result_rows == stands


def test_accounts_that_nothing_touched_are_taken_over_and_all_are_those_of_a_full_build(
    staging: Staging, request: pytest.FixtureRequest
) -> None:
    """Of one day; another day, a new build of the posts and `--full-refresh` make all rows again."""
    day = NOW - timedelta(days=2)
    staging.client.command(f"create or replace table {staging.database}.country_name {COUNTRIES}")
    is_long = request.config.getoption("--long")
    for seed in range(5 if is_long else 1):
        feed = AccountFeed(seed)
        staging.deliver(SOURCES["stg_beat_profile_log"][0], feed.profiles(day + timedelta(hours=1), 200))
        staging.deliver(SOURCES["stg_beat_youtube_post"][0], feed.videos(day + timedelta(hours=1), 60))
        # What came within the look-back of the run before is read once more, and touches its accounts.
        staging.run_activity(day + timedelta(hours=7), also=POSTS)
        # A video that leaves a channel touches it by its older row, which a merge would take away.
        staging.client.command(f"system stop merges {staging.database}.stg_beat_youtube_post")
        for hour in (8, 9) if is_long else (8,):
            at = day + timedelta(hours=hour)
            staging.plant()
            assert staging.planted() == len(ACTIVITY)
            staging.deliver(SOURCES["stg_beat_profile_log"][0], feed.profiles(at, 8))
            staging.deliver(SOURCES["stg_beat_youtube_post"][0], feed.videos(at, 8))
            staging.run_activity(at)
            assert staging.planted() == len(ACTIVITY), "accounts that nothing touched are taken over"
            touched = staging.activity()
            staging.run_activity(at, "--full-refresh")
            full = staging.activity()
            assert staging.planted() == 0
            for mart, rows in full.items():
                assert [row for row in touched[mart] if row[0] not in UNTOUCHED] == [
                    row for row in rows if row[0] not in UNTOUCHED
                ], (seed, hour, mart)
    staging.plant()
    staging.run_one("mart_instagram_all_posts", as_of=day + timedelta(hours=9))
    # Without each of its two conditions a run takes over what it has to make again.
    with staging.changed("is_carried_over", r" and made_of = {{ made_of }}", ""):
        staging.run_activity(day + timedelta(hours=9))
    assert staging.planted() == 2
    staging.run_activity(day + timedelta(hours=9), also="mart_instagram_all_posts")
    assert staging.planted() == 1, "the channel: its mart does not read the posts of Instagram"
    if is_long:
        with staging.changed("is_carried_over", r"windows_end_on = .+? and ", ""):
            staging.run_activity(day + timedelta(hours=24))
        assert staging.planted() == 1
        staging.run_activity(day + timedelta(hours=48))
        assert staging.planted() == 0
    staging.client.command(f"system start merges {staging.database}.stg_beat_youtube_post")


POSTS = "stg_beat_instagram_account stg_beat_instagram_post mart_instagram_all_posts mart_post_location"
COUNTRIES = "engine = MergeTree order by name as select 'india' as name, 'IN' as code"

HISTORY = 40_960
"""Rows of a short history, one for each minute: whole granules, so that no reading differs by chance."""

LONG_AGO = datetime(2027, 1, 1)

HISTORIES = {
    "events.post_log_events": """
        select
            concat('h', toString(number)) as event_id, 'test' as source, 'INSTAGRAM' as platform,
            toString(number % 500) as profile_id, concat('s', toString(number)) as shortcode,
            {start:DateTime} + number % 1000 as event_timestamp,
            {start:DateTime} + number * 60 as insert_timestamp,
            '{"likes":1}' as metrics, '{}' as dimensions
    """,
    "events.profile_log_events": """
        select
            concat('h', toString(number)) as event_id, 'test' as source, 'INSTAGRAM' as platform,
            toString(number % 500) as profile_id, {start:DateTime} + number % 1000 as event_timestamp,
            {start:DateTime} + number * 60 as insert_timestamp, '{"followers":1}' as metrics, '{}' as dimensions
    """,
    "beat_replica.instagram_post_simple": """
        select
            number as id, concat('s', toString(number)) as shortcode, 1 as likes,
            {start:DateTime} + number * 60 as updated_at
    """,
    "beat_replica.asset_log": """
        select
            number as id, 'INSTAGRAM' as platform, 'POST' as entity_type, concat('s', toString(number)) as entity_id,
            {start:DateTime} + number * 60 as updated_at
    """,
}
"""A row for each number. The events are of one month: an id is looked up once in each part, and parts are by month."""


def _read_by_an_increment(staging: Staging, rows: int, at: datetime) -> dict[str, int]:
    """Rows that each model reads for what came after a history of so many rows."""
    models = {source: model for model, (source, _) in SOURCES.items() if source in HISTORIES}

    def insert(source: str, select: str, first: int, count: int, start: datetime) -> None:
        columns = ", ".join(re.findall(r" as (\w+)", select))
        staging.client.command(
            f"insert into {source} ({columns}) {select} from numbers({first}, {count})", parameters={"start": start}
        )

    for source, select in HISTORIES.items():
        staging.client.command(f"system start merges {source}")
        staging.client.command(f"truncate table {source}")
        insert(source, select, 0, rows, LONG_AGO)
    staging.run("--full-refresh", as_of=at, only=models.values())
    for source, model in models.items():
        for table in (source, f"{staging.database}.{model}"):
            staging.client.command(f"optimize table {table} final")
            staging.client.command(f"system stop merges {table}")
    counts = f"{staging.database}.{TABLE}"
    staging.client.command(f"optimize table {counts} final")
    # A day of any source has such rows, one for each reason, and they are read with those that count something.
    staging.client.command(f"alter table {counts} delete where row_count = 0 settings mutations_sync = 2")
    came = at - timedelta(minutes=30) - timedelta(minutes=rows)
    for source, select in HISTORIES.items():
        insert(source, select, rows, 20, came)  # new
        # old keys again; an event keeps its time
        moved = select.replace("{start:DateTime} + number * 60 as insert", "{at:DateTime} as insert")
        columns = ", ".join(re.findall(r" as (\w+)", moved))
        start = LONG_AGO if "events." in source else at - timedelta(minutes=30)
        staging.client.command(
            f"insert into {source} ({columns}) {moved} from numbers(7, 5)",
            parameters={"start": start, "at": at - timedelta(minutes=20)},
        )
    staging.run(as_of=at, only=models.values())
    costs = read_latest_builds(staging.client, staging.database)
    # what came, and the four hours before: a row a minute
    assert {model: costs[model].written_rows for model in models.values()} == dict.fromkeys(models.values(), 25 + 240)
    return {model: costs[model].read_rows for model in models.values()}


def test_an_increment_reads_the_same_after_a_history_five_times_as_long(staging: Staging) -> None:
    short = _read_by_an_increment(staging, HISTORY, NOW)
    long = _read_by_an_increment(staging, 5 * HISTORY, NOW)

    # a day of history has a row in the counts by day, and nothing else of it is read
    assert {model: (short[model], rows) for model, rows in long.items() if rows > 1.25 * short[model]} == {}
