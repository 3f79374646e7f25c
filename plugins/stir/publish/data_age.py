"""How new the data of a mart are: what its build noted of the feeds, and what is said of a feed that stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from stir.clock import spoken
from stir.connections import quoted_table
from stir.sources.feeds import FEEDS, source_feeds, source_table

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

TABLE = "data_freshness"
"""In the warehouse's database; macros/freshness/ creates and fills it."""


@dataclass(frozen=True)
class DataAge:
    """What the latest finished build of a mart noted; moments are ISO, UTC.

    Attributes:
        as_of: the moment for which it was built, empty where no build noted anything.
        feeds: newest moment of each feed that the mart rests on, by platform where the feed carries several. Lists that
            people keep and files that come now and then are no feeds (stir.sources.feeds).
    """

    as_of: str = ""
    feeds: Mapping[str, str] = field(default_factory=dict)

    @property
    def watermark(self) -> str:
        """The table is as new as the feed of it that ended first; empty where nothing is known."""
        return min(self.feeds.values(), default="")


def read_data_age(client: Client, database: str, mart: str) -> DataAge:
    """What the latest finished build of `mart` noted. Read it before the mart: a build that ends meanwhile is newer."""
    where = {"database": database, "table": TABLE, "mart": mart}
    known = "select count() from system.tables where database = {database:String} and name = {table:String}"
    if not client.query(known, parameters=where).first_row[0]:
        return DataAge()
    noted = quoted_table(database, TABLE)
    rows = client.query(
        f"select feed, toString(newest_at), toString(as_of) from {noted} where is_built and model = {{mart:String}} "
        f"and recorded_at = (select max(recorded_at) from {noted} where is_built and model = {{mart:String}})",
        parameters=where,
    ).result_rows
    feeds = {str(feed): f"{newest}+00" for feed, newest, _ in rows if source_table(str(feed)) in FEEDS}
    return DataAge(as_of=f"{rows[0][2]}+00" if rows else "", feeds=dict(sorted(feeds.items())))


def stopped(feeds: Mapping[str, datetime], at: datetime) -> Iterator[str]:
    """A line for each feed whose data ended so long before `at` that it is thought to have stopped."""
    for name, newest in sorted(feeds.items()):
        within = source_feeds()[source_table(name)].within
        if at - newest > within:
            yield (
                f"feed {name} has stopped: its newest data are of {newest:%F %T}, {spoken(at - newest)} before this "
                f"publish, expected within {spoken(within)}"
            )


def moments(feeds: Mapping[str, str]) -> dict[str, datetime]:
    """The feeds with moments in place of their texts."""
    return {name: datetime.fromisoformat(newest) for name, newest in feeds.items()}
