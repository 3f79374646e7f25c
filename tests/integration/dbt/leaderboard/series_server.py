"""A ClickHouse server with empty event tables, on which the series, and the boards on them, are built in slices."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime

import pytest

from stir import connections
from stir.settings import Settings
from stir.sources import ddl
from stir.sources.contract import contracts

from .dbt import Dbt
from .feed import POST_COLUMNS, PROFILE_COLUMNS, Delivery, post_records

SERIES = (
    "mart_instagram_account_weekly",
    "mart_instagram_account_monthly",
    "mart_youtube_account_weekly",
    "mart_youtube_account_monthly",
    "mart_time_series",
)
MODELS = ("stg_beat_profile_log", "stg_beat_post_log", *SERIES)
MONTHLY = (
    "mart_instagram_leaderboard_base",
    "mart_youtube_leaderboard_base",
    "mart_instagram_leaderboard",
    "mart_youtube_leaderboard",
    "mart_cross_platform_leaderboard",
    "mart_leaderboard",
)
BOARDS = (
    *MONTHLY,
    "mart_rank_movement",
    "mart_genre_instagram_trending_content_base",
    "mart_genre_youtube_trending_content_base",
)
"""Models of months that become final."""
BEFORE_BOARDS = ("stg_beat_instagram_post", "stg_beat_youtube_post", "mart_youtube_leaderboard_base_raw")
COLUMNS = {"events.profile_log_events": PROFILE_COLUMNS, "events.post_log_events": POST_COLUMNS}

CREATORS = """
    create table {database}.mart_instagram_account engine = MergeTree order by profile_id as
    select toString(1000 + number) as profile_id, {known} from numbers(40);
    create table {database}.mart_youtube_account engine = MergeTree order by channel_id as
    select
        concat('UC', leftPad(toString(number), 22, '0')) as channel_id,
        cast(number % 5 = 0 as Nullable(Bool)) as is_subscriber_count_hidden,
        {known},
        handle as custom_url,
        name as title
    from numbers(40);
    create table {database}.mart_linked_socials engine = MergeTree order by channel_id as
    select concat('UC', leftPad(toString(number), 22, '0')) as channel_id, toString(1001 + number) as profile_id
    from numbers(0, 40, 6)
"""
KNOWN = """
        cast(concat('handle', toString(number)) as Nullable(String)) as handle,
        cast(concat('Name ', toString(number)) as Nullable(String)) as name,
        cast(['Music', 'Food', null][number % 3 + 1] as Nullable(String)) as category,
        cast(['hi', 'en'][number % 2 + 1] as Nullable(String)) as language,
        cast('IN' as Nullable(String)) as country,
        cast('CREATOR' as Nullable(String)) as profile_type,
        cast(100 + number as Nullable(Int64)) as followers
"""
"""What is known of the accounts of the feed: it stays the same, because a final month keeps what it was."""


class Warehouse:
    """A server of this test's own, with empty event tables."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        self.database = settings.clickhouse_database
        self.client = connections.clickhouse(settings)
        wanted = [each for each in contracts() if each.database in ("events", "events_stage", "beat_replica", "vendor")]
        for statement in (*ddl.databases(wanted), *map(ddl.create_table, wanted)):
            self.client.command(statement)
        self.client.command(f"create database if not exists {self.database}")
        self._dbt = Dbt(settings, patch, "+mart_time_series")
        self._dbt.seed("metric_definition")

    def run(self, as_of: datetime, *options: str, look_back: int = 4) -> None:
        """One `dbt run` of the series' models as it would happen at a moment."""
        assert self._dbt.run(as_of, *options, look_back_hours=look_back) == set(MODELS)
        # What was built twice is counted at the end: on a slow machine it would be merged by then.
        self.client.command(f"system stop merges {self.database}.mart_time_series")

    def run_boards(self, as_of: datetime, *options: str, boards_only: bool = False) -> None:
        """The same of the boards: with all that they are made of, or alone."""
        built = set(BOARDS) if boards_only else {*MODELS, *BEFORE_BOARDS, *BOARDS}
        assert self._dbt.run(as_of, *options, select=" ".join(built)) == built

    def changed(self, macro: str, pattern: str, other: str) -> AbstractContextManager[None]:
        """Run without a safeguard."""
        return self._dbt.changed(macro, pattern, other)

    def begin_boards(self) -> None:
        """Accounts with attributes, and no events."""
        for statement in CREATORS.format(database=self.database, known=KNOWN).split(";"):
            self.client.command(statement.replace("create table", "create or replace table"))
        for table in (*COLUMNS, "beat_replica.instagram_post_simple", "beat_replica.youtube_post_simple"):
            self.client.command(f"truncate table {table}")
        for model in (*MODELS, *BEFORE_BOARDS[:2], *BOARDS):
            self.client.command(f"drop table if exists {self.database}.{model} sync")

    def deliver(self, batch: list[Delivery], *, states: bool = False) -> None:
        """Events; with `states` also the records of the posts, each as the event knows it."""
        for table, columns in COLUMNS.items():
            rows = [delivery.row for delivery in batch if delivery.table == table]
            if rows:
                self.client.insert(table, rows, column_names=columns)
        for table, records in (post_records(batch) if states else {}).items():
            self.client.insert(table, [list(each.values()) for each in records], column_names=list(records[0]))

    def count(self, sql: str) -> int:
        return int(self.client.query(sql).result_rows[0][0])

    def keep(self, place: str, models: Iterable[str] = MODELS) -> None:
        """Store what a reader of each model sees now."""
        self.client.command(f"create database {place}")
        for model in models:
            final = "" if model in BOARDS else " final"
            self.client.command(
                f"create table {place}.{model} engine = MergeTree order by tuple() as"
                f" select * from {self.database}.{model}{final}"
            )

    def clone(self, source: str, target: str, models: Iterable[str] = MODELS) -> None:
        """Let the models' tables in a database be those in another, part by part."""
        self.client.command(f"create database if not exists {target}")
        for model in models:
            self.client.command(f"create or replace table {target}.{model} clone as {source}.{model}")

    def differences(self, model: str, place: str, other: str, but: str = "") -> int:
        """Kept rows of a model that are not the same, in every column but one, in another place."""
        columns = f"* except {but}" if but else "*"
        here, there = (f"select {columns} from {each}.{model}" for each in (place, other))
        lost, gained = (f"select count() from ({a} except all {b})" for a, b in ((there, here), (here, there)))
        return self.count(f"select ({lost}) + ({gained})")
