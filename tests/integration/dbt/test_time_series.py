"""The series' promise: whatever order events arrive in and however often runs repeat, the rows are a full rebuild's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from stir import connections
from stir.local import ensure_services, stop_services
from stir.settings import Settings, load_settings
from stir.sources import ddl
from stir.sources.contract import contracts

from .leaderboard.dbt import Dbt
from .leaderboard.feed import DAYS, END, FIRST_DAY, POST_COLUMNS, PROFILE_COLUMNS, Delivery, deliveries

SERIES = (
    "mart_instagram_account_weekly",
    "mart_instagram_account_monthly",
    "mart_youtube_account_weekly",
    "mart_youtube_account_monthly",
    "mart_time_series",
)
MODELS = ("stg_beat_profile_log", "stg_beat_post_log", *SERIES)
COLUMNS = {"events.profile_log_events": PROFILE_COLUMNS, "events.post_log_events": POST_COLUMNS}


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

    def deliver(self, batch: list[Delivery]) -> None:
        for table, columns in COLUMNS.items():
            rows = [delivery.row for delivery in batch if delivery.table == table]
            if rows:
                self.client.insert(table, rows, column_names=columns)

    def count(self, sql: str) -> int:
        return int(self.client.query(sql).result_rows[0][0])

    def keep(self, place: str) -> None:
        """Store what a reader of each model sees now."""
        self.client.command(f"create database {place}")
        for model in MODELS:
            self.client.command(
                f"create table {place}.{model} engine = MergeTree order by tuple() as"
                f" select * from {self.database}.{model} final"
            )

    def differences(self, model: str, place: str, other: str) -> int:
        """Kept rows of a model that are not the same, in every column, in another place."""
        return self.count(
            f"select (select count() from (select * from {place}.{model} except all select * from {other}.{model}))"
            f" + (select count() from (select * from {other}.{model} except all select * from {place}.{model}))"
        )


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STIR_CLICKHOUSE_URL", "STIR_CLICKHOUSE_READER_URL", "STIR_AS_OF"):
            patch.delenv(name, raising=False)
        patch.setenv("STIR_STATE_DIR", str(tmp_path_factory.mktemp("series")))
        settings = ensure_services(load_settings(), ("clickhouse",))
        try:
            yield Warehouse(settings, patch)
        finally:
            stop_services(settings, ("clickhouse",))


def slow_run_commits_late(series: Warehouse, as_of: datetime, next_batch: list[Delivery], next_as_of: datetime) -> None:
    """A run reads, the next one reads more and commits, and only then the first commits what it had made."""
    client, database = series.client, series.database
    for model in MODELS:
        client.command(f"system stop merges {database}.{model}")
        client.command(f"create table {database}.before_{model} clone as {database}.{model}")
    parts = {
        model: client.query(
            "select groupArray(name) from system.parts"
            " where active and database = {db:String} and table = {name:String}",
            parameters={"db": database, "name": model},
        ).result_rows[0][0]
        for model in MODELS
    }
    series.run(as_of)
    for model in MODELS:
        client.command(
            f"create table {database}.slow_{model} engine = Memory as"
            f" select * from {database}.{model} where _part not in {{parts:Array(String)}}",
            parameters={"parts": parts[model]},
        )
        client.command(f"exchange tables {database}.{model} and {database}.before_{model}")
        client.command(f"drop table {database}.before_{model} sync")
    series.deliver(next_batch)
    series.run(next_as_of)
    for model in MODELS:
        assert series.count(f"select count() from {database}.slow_{model}") > 0
        client.command(f"insert into {database}.{model} select * from {database}.slow_{model}")
        client.command(f"drop table {database}.slow_{model} sync")


def test_empty_sources_give_empty_models(series: Warehouse) -> None:
    series.run(FIRST_DAY)
    series.run(FIRST_DAY)

    found = [series.count(f"select count() from {series.database}.{model}") for model in MODELS]
    assert found == [0] * len(MODELS)


def test_incremental_runs_give_what_a_full_rebuild_gives(series: Warehouse) -> None:
    feed = deliveries(seed=11)
    dice = random.Random(12)  # noqa: S311  (a test's dice)
    # Runs at odd moments, some close together and some weeks apart; the last comes when everything has arrived.
    moments = sorted(FIRST_DAY + timedelta(seconds=dice.randint(86400, DAYS * 86400)) for _ in range(7))
    moments.append(END + timedelta(days=32))
    batches = [
        [delivery for delivery in feed if since < delivery.visible_at <= until]
        for since, until in pairwise([FIRST_DAY - timedelta(days=1), *moments])
    ]
    assert sum(map(len, batches)) == len(feed)
    late = sum(delivery.is_late for delivery in feed)
    unseen = sum(delivery.ingested_at <= moment < delivery.visible_at for delivery in feed for moment in moments)

    for number, (moment, batch) in enumerate(zip(moments, batches, strict=True)):
        if number == 4:
            continue
        series.deliver(batch)
        if number == 3:
            slow_run_commits_late(series, moment, batches[4], moments[4])
            series.run(moments[4], look_back=72)
        else:
            series.run(moment)
    series.run(moments[-1])
    stored = series.count(f"select count() from {series.database}.mart_time_series")
    series.keep("incremental")
    series.run(moments[-1], "--full-refresh")
    series.keep("rebuilt")

    rows = {model: series.count(f"select count() from rebuilt.{model}") for model in MODELS}
    print(f"\n{len(feed)} deliveries, {late} late, {unseen} ingested before a run that could not see them; rows {rows}")
    assert late > 500
    assert unseen > 0
    assert min(rows.values()) > 50
    assert stored > rows["mart_time_series"], "nothing was ever built twice"
    differences = {model: series.differences(model, "incremental", "rebuilt") for model in MODELS}
    assert differences == dict.fromkeys(MODELS, 0)


def test_the_comparison_sees_a_single_wrong_value(series: Warehouse) -> None:
    series.client.command("create database wrong")
    series.client.command("create table wrong.mart_time_series clone as rebuilt.mart_time_series")
    series.client.command(
        "alter table wrong.mart_time_series update followers = ifNull(followers, 0) + 1"
        " where (platform_id, date, monthly_stats) in"
        " (select platform_id, date, monthly_stats from rebuilt.mart_time_series order by all limit 1)",
        settings={"mutations_sync": 2},
    )

    assert series.differences("mart_time_series", "wrong", "rebuilt") == 2
