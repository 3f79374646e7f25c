"""A ClickHouse server with empty sources, to which tests deliver rows and which they build on."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stir import connections
from stir.local import ensure_services, stop_services
from stir.settings import load_settings
from stir.sources import ddl
from stir.sources.contract import contracts
from stir.transform.rejects import TABLE

from .delivered_rows import (
    ACTIVITY,
    EVENTS,
    MARTS,
    NOW,
    SOURCES,
    SUBSCRIPTIONS,
    UNTOUCHED,
    Row,
    make_rows,
    make_subscription,
)
from .leaderboard.dbt import Dbt

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.settings import Settings


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
        self.client.command(
            f"create table {self.database}.mart_youtube_account engine = MergeTree order by channel_id as"
            " select concat('UC', leftPad(toString(number), 22, '0')) as channel_id,"
            " cast('Music' as Nullable(String)) as category, cast('IN' as Nullable(String)) as country from numbers(6)"
        )
        self._dbt = Dbt(settings, patch, " ".join(SOURCES))

    def run(self, *options: str, as_of: datetime = NOW, only: Iterable[str] = SOURCES) -> None:
        """Build the staging models, or some of them."""
        assert self._dbt.run(as_of, *options, select=" ".join(only)) == set(only)

    def changed(self, macro: str, pattern: str, other: str) -> AbstractContextManager[None]:
        """Run without a safeguard."""
        return self._dbt.changed(macro, pattern, other)

    def run_one(self, model: str, as_of: datetime = NOW, look_back_hours: int = 4) -> None:
        assert self._dbt.run(as_of, select=model, look_back_hours=look_back_hours) == {model}

    def clone(self, source: str, target: str, tables: Iterable[str]) -> None:
        """Let tables in a database be those in another, part by part."""
        self.client.command(f"create database if not exists {target}")
        for table in tables:
            self.client.command(f"create or replace table {target}.{table} clone as {source}.{table}")

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
            for row in make_rows(dice, make)
        ]
        self.deliver(source, events)
        source, make = SOURCES["stg_beat_instagram_post"]
        posts = make_rows(dice, make)
        # So many posts that some are known by late rows alone.
        said = [{"shortcode": f"p{dice.randint(0, 99)}", "caption": f"seen #a{row['likes']} #b"} for row in posts]
        self.deliver(source, [row | more for row, more in zip(posts, said, strict=True)])
        for source in SUBSCRIPTIONS.values():
            self.deliver(source, make_rows(dice, make_subscription))

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

    def differing(self, model: str, place: str, columns: str = "*") -> int:
        here, there = f"select {columns} from {self.database}.{model} final", f"select {columns} from {place}.{model}"
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
        assert {model: figures for model in SOURCES if (figures := self.wrong(model))} == {}, run

    def wrong(self, model: str) -> dict[str, int]:
        """Figures of a model that do not agree."""
        source, _ = SOURCES[model]
        counts = {
            outcome: self.counted(source, f"outcome = '{outcome}'") for outcome in ("read", "refused", "replaced")
        }
        found = {
            **counts,
            "received": self.count(f"select count() from {source}"),
            "staged": self.count(f"select count() from {self.database}.{model} final"),
        }
        twice = f"select count() - uniqExact(event_id) from {self.database}.{model} final"
        if model in EVENTS and (rows := self.count(twice)):
            return {"events that stand twice": rows}
        kept = found["read"] - found["refused"] - found["replaced"]
        return {} if (found["read"], kept) == (found["received"], found["staged"]) else found


@contextmanager
def staging_server(state_dir: Path) -> Iterator[Staging]:
    """Such a server, with its state in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STIR_CLICKHOUSE_URL", "STIR_CLICKHOUSE_READER_URL", "STIR_AS_OF"):
            patch.delenv(name, raising=False)
        patch.setenv("STIR_STATE_DIR", str(state_dir))
        settings = ensure_services(load_settings(), ("clickhouse",))
        try:
            yield Staging(settings, patch)
        finally:
            stop_services(settings, ("clickhouse",))
