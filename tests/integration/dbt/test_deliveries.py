"""Rows come late, again, out of order and in contradiction: after every run each is staged or counted, no key stands
twice, and a full refresh finds the same rows."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from stir import connections
from stir.local import ensure_services, stop_services
from stir.settings import PROJECT_DIR, load_settings
from stir.sources import ddl
from stir.sources.contract import contracts
from stir.transform.costs import read_latest_builds
from stir.transform.rejects import TABLE

from .account_feed import CHANNELS, PROFILES, AccountFeed
from .leaderboard.dbt import Dbt
from .test_time_series import SERIES

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.settings import Settings

Row = dict[str, Any]

START, NOW = datetime(2028, 2, 1), datetime(2028, 5, 1)
RUNS = 4
ROWS_OF_A_RUN = 60

EVENTS = {"stg_beat_post_log": "events.post_log_events", "stg_beat_profile_log": "events.profile_log_events"}


def _event(dice: random.Random, _: datetime) -> Row:
    """A delivery of one of twenty events; one in ten says another time, profile or platform than the others."""
    number = dice.randint(0, 19)
    happened = START + timedelta(days=3 * number)
    row = {
        "event_id": f"event-{number}" if dice.random() < 0.95 else " ",
        "source": "test",
        "platform": "INSTAGRAM",
        "profile_id": f"{1000 + number}",
        "event_timestamp": happened,
        "insert_timestamp": happened + timedelta(days=dice.randint(1, 20), seconds=dice.randint(0, 1)),
        "metrics": json.dumps({"likes": dice.randint(0, 9), "followers": dice.randint(0, 9)}),
        "dimensions": "{}",
    }
    other: Row = dice.choice(
        [{"event_timestamp": happened - timedelta(days=40)}, {"profile_id": "9"}, {"platform": "YOUTUBE"}]
    )
    return row | (other if dice.random() < 0.1 else {})


def _post_event(dice: random.Random, at: datetime) -> Row:
    row = _event(dice, at)
    shortcode = "other" if dice.random() < 0.05 else f"post-{row['event_id']}"
    said = {"location": f"Place {dice.randint(0, 9)}", "user_tags": [{"user": {"username": f"u{dice.randint(0, 9)}"}}]}
    return row | {
        "shortcode": shortcode, "publish_time": START - timedelta(days=60), "dimensions": json.dumps(said),
    }  # fmt: skip


SOURCES: dict[str, tuple[str, Callable[[random.Random, datetime], Row]]] = {
    "stg_beat_post_log": (EVENTS["stg_beat_post_log"], _post_event),
    "stg_beat_profile_log": (EVENTS["stg_beat_profile_log"], _event),
    "stg_beat_instagram_account": (
        "beat_replica.instagram_account",
        lambda dice, at: {
            "profile_id": dice.choice(["", "1", "2", "3"]), "followers": dice.randint(0, 9), "updated_at": at,
        },
    ),
    "stg_beat_instagram_post": (
        "beat_replica.instagram_post_simple",
        lambda dice, at: {"shortcode": dice.choice(["", "a", "b", "c"]), "likes": dice.randint(0, 9), "updated_at": at},
    ),
    "stg_beat_youtube_account": (
        "beat_replica.youtube_account",
        lambda dice, at: {"channel_id": f"UC{dice.randint(0, 3):022}", "views": dice.randint(0, 9), "updated_at": at},
    ),
    "stg_beat_youtube_post": (
        "beat_replica.youtube_post_simple",
        lambda dice, at: {"shortcode": dice.choice(["", "a", "b", "c"]), "views": dice.randint(0, 9), "updated_at": at},
    ),
    "stg_beat_asset_log": (
        "beat_replica.asset_log",
        lambda dice, at: {
            "platform": "INSTAGRAM", "entity_type": "POST", "entity_id": dice.choice(["", "a", "b"]),
            "asset_url": f"https://x/{dice.randint(0, 9)}", "updated_at": at,
        },
    ),
    "stg_beat_order": (
        "beat_replica.`order`",
        lambda dice, at: {
            "platform": "SHOPIFY", "platform_order_id": dice.choice(["", "a", "b"]),
            "status": dice.choice(["paid", "sent"]), "updated_at": at,
        },
    ),
    "stg_beat_scrape_request_log": (
        "beat_replica.scrape_request_log",
        lambda dice, at: {
            "id": dice.randint(1, 9), "status": dice.choice(["PENDING", "COMPLETE", "FAILED", "LOST"]),
            "retry_count": dice.randint(0, 2), "created_at": at, "expires_at": NOW + timedelta(days=9),
        },
    ),
    "stg_beat_post_activity_log": (
        "beat_replica.post_activity_log",
        lambda dice, at: {
            "id": dice.randint(1, 9), "platform": "INSTAGRAM", "platform_post_id": dice.choice(["a", "b"]),
            "activity_type": dice.choice(["LIKE", "COMMENT", "POKE"]), "timestamp": at,
        },
    ),
    "stg_beat_profile_relationship_log": (
        "beat_replica.profile_relationship_log",
        lambda dice, at: {
            "target_profile_id": dice.choice(["1", "2"]), "source_profile_id": dice.choice(["3", "4"]),
            "relationship_type": dice.choice(["follower", "following", "friend"]), "timestamp": at,
        },
    ),
}  # fmt: skip
"""Staging model: its source, and a row of it that came at a moment."""

ACTIVITY = {"mart_instagram_account_activity": "profile_id", "mart_youtube_account_activity": "channel_id"}
"""Marts of accounts that are made again where something touched them, and their keys."""

SUBSCRIPTIONS = {
    "mart_youtube_subscriber": "events.yt_profile_relationship_log_events",
    "mart_youtube_subscriber_staging": "events_stage.yt_profile_relationship_log_events",
}
MARTS = (
    "mart_post_location",
    "mart_instagram_post_tagged",
    "mart_instagram_post_hashtags",
    "mart_collection_post_observation",
    *SUBSCRIPTIONS,
)
"""Marts that add what came: of two deliveries of one moment each has to keep the same, whatever came first."""
BEFORE_MARTS = "stg_beat_post_log stg_beat_instagram_post"


def _subscription(dice: random.Random, at: datetime) -> Row:
    return {
        "event_id": f"subscription-{dice.randint(0, 99)}",
        "source": dice.choice(["api", "page"]),
        "source_channel_id": f"UC{dice.randint(0, 4):022}",
        "target_channel_id": f"UC{dice.randint(5, 7):022}",
        "relationship_type": "subscription",
        "event_timestamp": at,
        "insert_timestamp": at + timedelta(seconds=dice.randint(0, 60)),
    }


class Staging:
    """A server of this test's own, with empty sources."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        self.database = settings.clickhouse_database
        self.client: Client = connections.clickhouse(settings)
        for statement in ddl.databases():
            self.client.command(statement)
        for contract in contracts():
            self.client.command(ddl.create_table(contract))
        self.client.command(f"create database if not exists {self.database}")
        self._dbt = Dbt(settings, patch, " ".join(SOURCES))

    def run(self, *options: str, as_of: datetime = NOW) -> None:
        assert self._dbt.run(as_of, *options) == set(SOURCES)

    def run_dying(self, as_of: datetime) -> None:
        """A run that ends before its post-hooks: its rows are there, and nobody has counted them."""
        counts, kept = f"{self.database}.{TABLE}", f"{self.database}.kept_rejects"
        self.client.command(f"create or replace table {kept} as {counts}")
        self.client.command(f"insert into {kept} select * from {counts}")
        self.run(as_of=as_of)
        self.client.command(f"exchange tables {counts} and {kept}")

    def run_marts(self, *options: str, also: str = "", look_back_hours: int = 24 * 200) -> None:
        """With a look-back over everything, unless another is given: marts know late rows by it alone."""
        built = {*MARTS, *also.split()}
        found = self._dbt.run(NOW, *options, select=" ".join(built), look_back_hours=look_back_hours)
        assert found == built

    def deliver_to_marts(self, dice: random.Random) -> None:
        """A slice of posts, captions and subscriptions: most are late, some come again."""
        source, make = SOURCES["stg_beat_post_log"]
        # So many events that some are known by late rows alone; what comes again keeps its name.
        events = [
            row
            | {"insert_timestamp": row["event_timestamp"]}
            | {"event_id": f"{row['event_id']}-{row['insert_timestamp']:%m%d%H%M%S}"}
            for row in _rows(dice, make)
        ]
        self.deliver(source, events)
        source, make = SOURCES["stg_beat_instagram_post"]
        posts = _rows(dice, make)
        # So many posts that some are known by late rows alone.
        said = [{"shortcode": f"p{dice.randint(0, 99)}", "caption": f"seen #a{row['likes']} #b"} for row in posts]
        self.deliver(source, [row | more for row, more in zip(posts, said, strict=True)])
        for source in SUBSCRIPTIONS.values():
            self.deliver(source, _rows(dice, _subscription))

    def crash(self) -> None:
        """What a run leaves that was killed in the middle: half of the rows."""
        for mart in MARTS:
            table = f"{self.database}.{mart}"
            columns = ", ".join(row[0] for row in self.client.query(f"describe table {table}").result_rows)
            self.client.command(
                f"alter table {table} delete where cityHash64(tuple({columns})) % 2", settings={"mutations_sync": 2}
            )

    def commit_late(self, place: str) -> None:
        """A slow run that read before the last one, and commits what it has made only now."""
        for mart in MARTS:
            self.client.command(f"insert into {self.database}.{mart} select * from {place}.{mart}")

    def run_activity(self, as_of: datetime, *options: str, also: str = "") -> None:
        """Build the marts of accounts, and staging before them unless everything is made again."""
        built = set(ACTIVITY) | ({"stg_beat_profile_log", "stg_beat_youtube_post"} if not options else set())
        built |= set(also.split())
        assert self._dbt.run(as_of, *options, select=" ".join(built)) == built

    def activity(self) -> dict[str, list[Any]]:
        return {
            mart: self.client.query(f"select * from {self.database}.{mart} order by {key}").result_rows
            for mart, key in ACTIVITY.items()
        }

    def plant(self) -> None:
        """Change the rows of accounts that no later delivery names: who takes them over, keeps the change."""
        for mart, key in ACTIVITY.items():
            self.client.command(
                f"alter table {self.database}.{mart} update dated_posts = 4242 where {key} in {UNTOUCHED}"
                " settings mutations_sync = 2"
            )

    def planted(self) -> int:
        return sum(row.count(4242) for rows in self.activity().values() for row in rows)

    def keep(self, model: str, place: str) -> None:
        self.client.command(
            f"create table {place}.{model} engine = MergeTree order by tuple() as"
            f" select * from {self.database}.{model} final"
        )

    def differing(self, model: str, place: str) -> int:
        here, there = f"select * from {self.database}.{model} final", f"select * from {place}.{model}"
        lost, gained = (f"select count() from ({a} except all {b})" for a, b in ((there, here), (here, there)))
        return self.count(f"select ({lost}) + ({gained})")

    def deliver(self, source: str, rows: list[Row]) -> None:
        self.client.insert(source, [list(row.values()) for row in rows], column_names=list(rows[0]))

    def count(self, sql: str) -> int:
        return int(self.client.query(sql).result_rows[0][0])

    def counted(self, source: str, condition: str) -> int:
        name = source.replace("`", "")
        return self.count(
            f"select sum(row_count) from {self.database}.{TABLE} final where source_table = '{name}' and {condition}"
        )

    def check(self, run: int) -> None:
        """Every row that came is in the warehouse or counted, and no event stands twice."""
        wrong = {}
        for model, (source, _) in SOURCES.items():
            read, refused, replaced = (
                self.counted(source, f"outcome = '{outcome}'") for outcome in ("read", "refused", "replaced")
            )
            received = self.count(f"select count() from {source}")
            staged = self.count(f"select count() from {self.database}.{model} final")
            if (read, read - refused - replaced) != (received, staged):
                wrong[run, model] = {
                    "read": read,
                    "received": received,
                    "refused": refused,
                    "replaced": replaced,
                    "staged": staged,
                }
        assert wrong == {}
        for model in EVENTS:
            assert self.count(f"select count() - uniqExact(event_id) from {self.database}.{model} final") == 0


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staging]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STIR_CLICKHOUSE_URL", "STIR_CLICKHOUSE_READER_URL", "STIR_AS_OF"):
            patch.delenv(name, raising=False)
        patch.setenv("STIR_STATE_DIR", str(tmp_path_factory.mktemp("staging")))
        settings = ensure_services(load_settings(), ("clickhouse",))
        try:
            yield Staging(settings, patch)
        finally:
            stop_services(settings, ("clickhouse",))


def _rows(dice: random.Random, make: Callable[[random.Random, datetime], Row], now: datetime = NOW) -> list[Row]:
    rows = []
    for number in range(ROWS_OF_A_RUN):
        # A third of the rows say the same second of a day, whatever the order in which they come.
        at = START + timedelta(days=dice.randint(0, 80), seconds=dice.choice([0, 0, dice.randint(0, 86000)]))
        is_new = number % 6 == 0
        row: Row = {"id": number} | make(dice, now - timedelta(minutes=dice.randint(0, 180)) if is_new else at)
        if "event_id" in row:
            del row["id"]
            if is_new:
                row["insert_timestamp"] = now - timedelta(minutes=dice.randint(0, 180))
        rows.append(row)
    return rows + dice.sample(rows, 5)  # replayed


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
                staging.deliver(source, _rows(dice, make, now))
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
    staging.client.command(
        f"create table {staging.database}.mart_youtube_account engine = MergeTree order by channel_id as"
        " select concat('UC', leftPad(toString(number), 22, '0')) as channel_id,"
        " cast('Music' as Nullable(String)) as category, cast('IN' as Nullable(String)) as country from numbers(6)"
    )
    for seed in range(43, 47 if request.config.getoption("--long") else 44):
        dice = random.Random(seed)  # noqa: S311
        place = f"marts_{seed}"
        for name in (place, f"{place}_slow", f"{place}_short"):
            staging.client.command(f"create database {name}")
        for run in range(RUNS):
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
    staging.client.command(f"drop table {staging.database}.mart_youtube_account sync")
    staging.run()  # the next test counts from here


IN_SLICES = {*SOURCES, *MARTS, *SERIES}
"""Incremental models that are built in slices, here and in test_time_series, and compared with one full build."""
NOT_IN_SLICES = {
    **dict.fromkeys(
        (
            *("mart_instagram_leaderboard_base", "mart_youtube_leaderboard_base", "mart_instagram_leaderboard"),
            *("mart_youtube_leaderboard", "mart_cross_platform_leaderboard", "mart_leaderboard"),
        ),
        "a month that is final stays what it was, whatever comes late: test_leaderboard_months",
    ),
    "mart_rank_movement": "as the boards, whose months it explains",
    "mart_genre_instagram_trending_content_base": "as the boards: a month that is final stays",
    "mart_genre_youtube_trending_content_base": "as the boards: a month that is final stays",
    "mart_instagram_account_summary_partial": "holds what each run of the last day knew, which no build can know later",
}
"""The others, each with the reason why a full build may say something else."""


def test_every_incremental_model_is_built_in_slices_or_has_a_reason_not_to_be() -> None:
    incremental = {
        path.stem for path in PROJECT_DIR.glob("models/**/*.sql") if "materialized='incremental'" in path.read_text()
    }
    assert not IN_SLICES & NOT_IN_SLICES.keys()
    assert IN_SLICES | NOT_IN_SLICES.keys() == incremental


def test_a_delivery_with_another_time_or_profile_is_set_aside_and_the_first_stays(staging: Staging) -> None:
    dice = random.Random(41)  # noqa: S311
    source, make = SOURCES["stg_beat_post_log"]
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
    for batch in ([first], later[:2], later[2:], [first | {"insert_timestamp": NOW - timedelta(days=1)}]):
        staging.deliver(source, batch)
        staging.run()
        staging.check(0)
    assert staging.counted(source, "reason = 'conflicting_key'") == refused + len(later)

    query = f"select event_at, profile_id, platform, shortcode from {staging.database}.stg_beat_post_log final"
    stands = [(START, "5", "INSTAGRAM", "s")]
    assert staging.client.query(f"{query} where event_id = 'clash'").result_rows == stands
    staging.run("--full-refresh")
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
    staging.run_activity(day + timedelta(hours=9), also="mart_instagram_all_posts")
    assert staging.planted() == 1, "the channel: its mart does not read the posts of Instagram"
    staging.run_activity(day + timedelta(hours=24))
    assert staging.planted() == 0
    staging.client.command(f"system start merges {staging.database}.stg_beat_youtube_post")
    staging.run()


UNTOUCHED = (PROFILES[-1], CHANNELS[-1])
"""An account of each platform that only the first delivery names."""

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
    staging.run("--full-refresh", as_of=at)
    for source, model in models.items():
        for table in (source, f"{staging.database}.{model}"):
            staging.client.command(f"optimize table {table} final")
            staging.client.command(f"system stop merges {table}")
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
    staging.run(as_of=at)
    costs = read_latest_builds(staging.client, staging.database)
    # what came, and the four hours before: a row a minute
    assert {model: costs[model].written_rows for model in models.values()} == dict.fromkeys(models.values(), 25 + 240)
    return {model: costs[model].read_rows for model in models.values()}


def test_an_increment_reads_the_same_after_a_history_five_times_as_long(staging: Staging) -> None:
    short = _read_by_an_increment(staging, HISTORY, NOW)
    long = _read_by_an_increment(staging, 5 * HISTORY, NOW)

    # a day of history has a row in the counts by day, and nothing else of it is read
    assert {model: (short[model], rows) for model, rows in long.items() if rows > 1.25 * short[model]} == {}
