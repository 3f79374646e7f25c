"""Staging and marts over what the collector read are those over what the world answers itself, value by value.

Both are built on a server of the test's own, which holds the history of a few creators.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from tests.integration.dbt.leaderboard.dbt import Dbt
from tests.unit.collector.platform import task

from stir import connections
from stir.local import ensure_services, stop_services
from stir.settings import Settings, load_settings
from stir.sources import ddl
from stir.sources.contract import contracts
from stir.world.answers import NOW

from .answered_twice import Rows, collected, entities, worked

BUILT = "+mart_leaderboard +mart_time_series"
"""What `stir collect --once` builds."""
HISTORY = {
    "events.profile_log_events": "profile_id in {accounts:Array(String)}",
    "events.post_log_events": "profile_id in {accounts:Array(String)}",
    "beat_replica.youtube_account": "channel_id in {accounts:Array(String)}",
    "beat_replica.youtube_post_simple": "channel_id in {accounts:Array(String)}",
    "beat_replica.instagram_account": "profile_id in {accounts:Array(String)}",
    "beat_replica.instagram_post_simple": "profile_id in {accounts:Array(String)}",
}
"""Source table to the rows of it that belong to the chosen creators."""
LEFT_OUT = {
    "event_id": "each reading has an id of its own",
    "source": "it says who read: the crawler of the world or the API",
    "ingested_at": "the world draws when a record arrives, the collector has the clock",
    "updated_at": "the same, of rows of accounts and posts",
    "refreshed_at": "when the row was read: the world draws a fraction of a second",
    "made_of": "a hash of the statement that made a row and of the state of the tables that it read",
    "_version": "the order of deliveries, made of the time of arrival",
    "profile_ingested_at": "the newest arrival that a row of a series was made of",
    "posts_ingested_at": "the same, of posts",
}


class Planted:
    """A server with the history of the chosen creators and, beside it, one of two answers."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        self._database = settings.clickhouse_database
        self._client = connections.clickhouse(settings)
        for statement in ddl.databases():
            self._client.command(statement)
        for contract in contracts():
            self._client.command(ddl.create_table(contract))
        self._client.command(f"create database if not exists {self._database}")
        self._dbt = Dbt(settings, patch, BUILT)
        self._dbt.seed(*BUILT.split())

    def build(self, history: Mapping[str, bytes], answers: Sequence[Mapping[str, Rows]], as_of: datetime) -> set[str]:
        """Build everything from the history and these answers; the models that were built."""
        for table, block in history.items():
            self._client.command(f"truncate table {table}")
            self._client.raw_insert(table, insert_block=block, fmt="Native")
        for tables in answers:
            for table, rows in tables.items():
                names = list(next(iter(rows.values())))
                self._client.insert(table, [[row[name] for name in names] for row in rows.values()], column_names=names)
        self._dbt.forget_compiled()
        return self._dbt.run(as_of, "--full-refresh")

    def keep(self) -> list[str]:
        """Copy every table that was built; their names."""
        self._client.command("create database kept")
        tables = [
            name
            for name, engine in self._client.query(
                "select name, engine from system.tables where database = {database:String}",
                parameters={"database": self._database},
            ).result_rows
            if engine.endswith("MergeTree") and name.startswith(("stg_", "mart_"))
        ]
        for table in tables:
            final = self._final(table)
            self._client.command(
                f"create table kept.{table} engine = MergeTree order by tuple() as"
                f" select * from {self._database}.{table} {final}"
            )
        return tables

    def differing(self, table: str) -> tuple[int, int]:
        """Rows of both builds, and those that only one of them has."""
        columns = [
            name
            for (name,) in self._client.query(
                "select name from system.columns where database = 'kept' and table = {table:String} order by position",
                parameters={"table": table},
            ).result_rows
            if name not in LEFT_OUT
        ]
        chosen = ", ".join(f"`{name}`" for name in columns)
        here = f"select {chosen} from {self._database}.{table} {self._final(table)}"
        there = f"select {chosen} from kept.{table}"
        sides = [f"(select count() from ({a} except all {b}))" for a, b in ((here, there), (there, here))]
        row = self._client.query(f"select (select count() from kept.{table}), {sides[0]} + {sides[1]}").first_row
        return int(row[0]), int(row[1])

    def _final(self, table: str) -> str:
        engine = self._client.query(
            "select engine from system.tables where database = {database:String} and name = {table:String}",
            parameters={"database": self._database, "table": table},
        ).first_row[0]
        return "final" if engine.startswith("Replacing") else ""


@pytest.fixture
def planted(tmp_path: Any) -> Iterator[Planted]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STIR_CLICKHOUSE_URL", "STIR_CLICKHOUSE_READER_URL", "STIR_AS_OF"):
            patch.delenv(name, raising=False)
        patch.setenv("STIR_STATE_DIR", str(tmp_path))
        own = ensure_services(load_settings(), ("clickhouse",))
        try:
            yield Planted(own, patch)
        finally:
            stop_services(own, ("clickhouse",))


@pytest.mark.long  # test_collected_world.py shows that the rows are the same of which both are built
def test_staging_and_marts_are_the_same_over_both(settings: Settings, end: datetime, planted: Planted) -> None:
    channels = entities(
        settings,
        "select channel_id from beat_replica.youtube_post_simple where privacy_status != 'private'"
        " and published_at > (select max(published_at) - interval 20 day from beat_replica.youtube_post_simple)"
        " group by channel_id order by uniq(shortcode) desc, 1 limit 8",
    )
    videos = entities(
        settings,
        f"select shortcode from beat_replica.youtube_post_simple where channel_id in {tuple(channels)}"
        " and published_at > (select max(published_at) - interval 20 day from beat_replica.youtube_post_simple)"
        " group by shortcode having not has(groupArray(privacy_status), 'private') order by 1 limit 40",
    )
    profiles = (
        connections.clickhouse(settings)
        .query(
            "select profile_id, lower(argMax(handle, updated_at)) from beat_replica.instagram_account"
            " where profile_id is not null group by 1 having argMax(is_business_or_creator, updated_at)"
            " order by 1 limit 8"
        )
        .result_rows
    )
    posts = entities(
        settings,
        "select shortcode from beat_replica.instagram_post_simple where post_type != 'story'"
        f" and profile_id in {tuple(each for each, _ in profiles)}"
        " and publish_time > (select max(publish_time) - interval 20 day from beat_replica.instagram_post_simple)"
        " group by shortcode order by shortcode limit 24",
    )
    handles = [handle for _, handle in profiles]
    asked = {
        "refresh_yt_profiles": ([(1, each) for each in channels], [task("refresh_yt_profiles", *channels)]),
        "refresh_yt_posts": ([(1, each) for each in videos], [task("refresh_yt_posts", *videos)]),
        **{
            flow: (list(enumerate(names)), [task(flow, name, request=number) for number, name in enumerate(names)])
            for flow, names in (("refresh_profile_by_handle", handles), ("refresh_post_by_shortcode", posts))
        },
    }
    ours = [collected(settings, end, *tasks)[1] for _, tasks in asked.values()]
    theirs = [
        {table: rows for table, rows in worked(settings, flow, requests).items() if rows}
        for flow, (requests, _) in asked.items()
    ]
    accounts = {"accounts": [*channels, *(each for each, _ in profiles)]}
    history = {
        table: connections.clickhouse(settings).raw_query(
            f"select * from {table} where {condition}", parameters=accounts, fmt="Native"
        )
        for table, condition in HISTORY.items()
    }

    models = planted.build(history, theirs, end + NOW)
    tables = planted.keep()
    assert planted.build(history, ours, end + NOW) == models

    found = {table: planted.differing(table) for table in tables}
    assert {table: differing for table, (_, differing) in found.items() if differing} == {}
    filled = {table for table, (rows, _) in found.items() if rows}
    assert filled >= {
        "stg_beat_profile_log", "stg_beat_post_log", "stg_beat_youtube_account", "stg_beat_youtube_post",
        "stg_beat_instagram_account", "stg_beat_instagram_post", "mart_instagram_account", "mart_youtube_account",
        "mart_time_series", "mart_leaderboard",
    }  # fmt: skip
