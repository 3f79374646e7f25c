"""Marts of the published shapes with contents that tell which version they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from clickhouse_connect.driver.client import Client

from stir import connections
from stir.publish import SPECS
from stir.publish.spec import PublishSpec
from stir.settings import Settings
from stir.sources.feeds import FEEDS

ROWS = 1200
"""Rows of version 0; every later version has one more, up to 50 more."""


MADE_UP = ("leaderboard", "time_series")
"""Specs whose marts these tests fill themselves: a plain one, and one that is read with FINAL."""


def rows_of(version: int) -> int:
    """How many rows the mart has in a version."""
    return ROWS + version % 50


_VALUES = {
    "month": "addMonths(toDate('2026-01-01'), {month})",
    "platform": "['INSTAGRAM', 'YOUTUBE', 'ALL'][number % 3 + 1]",
    "profile_platform": "if(number % 3 = 1, 'YA', 'IA')",
    "platform_id": "concat('id', toString(number))",
    "handle": r"""if(number % 7 = 0, null, concat('h\t\\N\n"é😀', toString(number)))""",
    "name": "if(number % 5 = 0, '', concat('N ', toString(number)))",
    "language": "if(number % 4 = 0, null, 'en')",
    "month_state": "'MTD'",
    "followers": "number * 3",
    "followers_change": "if(number % 11 = 0, null, toInt64(number) - 500)",
    "uploads": "{version}",
    "engagement_ratio": "if(number % 13 = 0, null, number / 7)",
    "followers_rank": "number + 1",
    "current_month_ranks": "map('followers_rank', number + 1, 'followers_rank_by_cat', 3, 'b', {version} % 7)",
    "last_month_ranks": "map()",
    "computed_as_of": "toDateTime('2026-06-15 00:00:00', 'UTC') + {version}",
    "monthly_stats": "number % 2",
    "date": "toDate('2026-01-04') + 7 * (number % 20)",
    "last_event_at": "toDateTime('2026-06-15 00:00:00', 'UTC') + {version}",
    "_version": "{version}",
}


@dataclass(frozen=True)
class Mart:
    """A mart in a scratch database, rebuilt as dbt rebuilds: beside, then exchanged."""

    settings: Settings
    spec: PublishSpec
    months: int = 1
    """Months that the rows lie in; one after the other changes with each version, and shows it."""

    @property
    def table(self) -> str:
        """Its full name."""
        return f"{self.settings.clickhouse_database}.{self.spec.mart}"

    def command(self, statement: str) -> None:
        """Run a statement in ClickHouse."""
        self._client.command(statement)

    @cached_property
    def _client(self) -> Client:
        """One for all statements: a new one first asks for the server's settings, which costs more than a statement."""
        return connections.clickhouse(self.settings)

    def build(self, version: int, *, rows: int | None = None) -> None:
        """Rebuild the mart with a version's content."""
        columns = {column.name: column.type for column in self.spec.columns}
        engine = "MergeTree"
        if self.spec.final:
            columns["_version"] = "UInt64"
            engine = "ReplacingMergeTree(_version)"
        described = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self.command(f"create database if not exists {self.settings.clickhouse_database}")
        order = ", ".join(self.spec.key)
        for table in (self.table, f"{self.table}_new"):
            # Small granules, so that even these rows can be cut along the sorting key.
            self.command(
                f"create table if not exists {table} ({described}) engine = {engine} order by ({order}) "
                "settings index_granularity = 64"
            )
        self.command(f"truncate table {self.table}_new")
        count = rows_of(version) if rows is None else rows
        if self.spec.final:
            self._insert(f"{self.table}_new", columns, version - 1, count)  # superseded versions that FINAL must hide
        self._insert(f"{self.table}_new", columns, version, count)
        self.note_data(dict.fromkeys(FEEDS, version))
        self.command(f"exchange tables {self.table} and {self.table}_new")

    def note_data(self, feeds: Mapping[str, int], as_of: int | None = None) -> None:
        """Note the newest moments of feeds, in seconds after START, as a build does (macros/freshness)."""
        noted = f"{self.settings.clickhouse_database}.data_freshness"
        self.command(
            f"create table if not exists {noted} (model String, is_built Bool, feed String,"
            " newest_at DateTime64(6, 'UTC'), as_of DateTime64(6, 'UTC'), recorded_at DateTime64(6, 'UTC'))"
            " engine = ReplacingMergeTree(recorded_at) order by (model, is_built, feed)"
        )
        start = "toDateTime64('2026-06-15 00:00:00', 6, 'UTC')"
        built = max(feeds.values()) if as_of is None else as_of
        rows = ", ".join(f"('{feed}', {seconds})" for feed, seconds in {"": 0, **feeds}.items())
        self.command(
            f"insert into {noted} select '{self.spec.mart}', true, feed, {start} + toIntervalSecond(seconds),"
            f" {start} + toIntervalSecond({built}), now64(6, 'UTC') from values('feed String, seconds Int64', {rows})"
        )

    def _insert(self, table: str, columns: dict[str, str], version: int, rows: int) -> None:
        month = f"number % {self.months}"
        shown = f"({version} - ({version} + {self.months} - {month}) % {self.months})"
        values = ", ".join(
            _VALUES.get(name, "null").replace("{version}", shown).replace("{month}", month) for name in columns
        )
        self.command(f"insert into {table} ({', '.join(columns)}) select {values} from numbers({rows})")


def marts(settings: Settings) -> dict[str, Mart]:
    """The marts with made-up contents; those of the other specs are tested as the warehouse makes them."""
    return {name: Mart(settings, SPECS[name]) for name in MADE_UP}
