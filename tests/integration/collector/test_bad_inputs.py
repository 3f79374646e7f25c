"""What goes wrong around a worker: nothing is lost, and each request waits or fails with one line that says why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from pydantic import SecretStr
from rich.console import Console
from tests.unit.collector.platform import NOWHERE, Platform

from stir.cli.collect import drawn
from stir.collector.pacific import next_midnight
from stir.collector.process import Orders, worker_of
from stir.collector.service import Service
from stir.collector.sink import open_sink
from stir.collector.tools import real_tools
from stir.collector.tracking import requests_for
from stir.errors import StirError
from stir.ingest.vault import Vault
from stir.scrape_queue import queue
from stir.settings import Settings
from stir.world.standins.server import StandIn
from stir.world.standins.youtube import YouTubeStandIn
from stir.world.standins.youtube_documents import Channel, Video

from .conftest import add
from .local_source import URL, in_thread, local_server, local_tools
from .real_flows import work

CHANNELS = [Channel(id=f"UC{number:022d}", title=f"{number}", subscribers=10 + number) for number in range(3)]
VIDEOS = [Video(id=f"v{channel.title:0>10}", channel=channel.id, views=5) for channel in CHANNELS]
UPLOADS = "refresh_yt_posts_by_playlist_id"
SECRET = "secret-of-youtube-one"


@dataclass
class Row:
    """A request as it stands in the queue."""

    status: str
    tries: int
    said: str
    due: datetime | None


@pytest.fixture
def present(settings: Settings) -> Settings:
    return settings.model_copy(update={"as_of": None})


@pytest.fixture
def youtube(monkeypatch: pytest.MonkeyPatch) -> Iterator[YouTubeStandIn]:
    api = YouTubeStandIn(Platform(CHANNELS, VIDEOS), keys={SECRET: "projects/1"})
    with in_thread(StandIn(api)) as server:
        monkeypatch.setenv("STIR_YOUTUBE_URL", f"{server.url}/youtube/v3")
        monkeypatch.setenv("STIR_YOUTUBE_RSS_URL", NOWHERE)
        yield api


def ask(tables: psycopg.Connection) -> None:
    """A request for the uploads of each channel."""
    moment = datetime.now(UTC)
    wanted = requests_for(UPLOADS, [channel.id for channel in CHANNELS], moment)
    assert queue.enqueue(tables, wanted, moment=moment) == len(CHANNELS)


def rows(tables: psycopg.Connection) -> list[Row]:
    found = tables.execute("select status, retry_count, coalesce(data, ''), due_at from scrape_request_log order by id")
    return [Row(*row) for row in found]


def test_a_quota_that_ends_in_mid_run_is_closed_until_midnight_and_the_rest_waits(
    present: Settings, tables: psycopg.Connection, safe: Vault, youtube: YouTubeStandIn
) -> None:
    add(tables, safe, "youtube", "one", project="1")
    youtube.quotas = {"common": 3, "search": 100, "stats": 10_000}
    ask(tables)

    first = work(present, concurrency=1)

    answered, *waiting = rows(tables)  # a list and its unknown videos are two units: the second has half an answer
    assert answered.status == "COMPLETE"
    assert len(first.streams["post_log"]) == 1
    for row in waiting:
        assert (row.status, row.tries) == ("PENDING", 0)
        assert "youtube: common is used up, as the source says" in row.said
    closed = tables.execute("select bucket, project, until from collector.closed_bucket").fetchall()
    assert closed == [("common", "1", next_midnight(datetime.now(UTC)))]
    youtube.keys = {**youtube.keys, "secret-of-youtube-two": "projects/2"}
    youtube.quotas = {**youtube.quotas, "common": 4}
    add(tables, safe, "youtube", "two", project="2")
    tables.execute("update scrape_request_log set due_at = null")
    rest = work(present, concurrency=1)
    assert [row.status for row in rows(tables)] == ["COMPLETE"] * 3
    assert len(rest.streams["post_log"]) == 2


def test_a_key_that_is_revoked_in_mid_run_is_off_and_the_requests_wait_for_another(
    present: Settings, tables: psycopg.Connection, safe: Vault, youtube: YouTubeStandIn
) -> None:
    add(tables, safe, "youtube", "one")
    youtube.keys = {}
    ask(tables)

    work(present, concurrency=1)

    for row in rows(tables):
        assert (row.status, row.tries) == ("PENDING", 0)
        assert row.due is not None
        assert row.due > datetime.now(UTC)
        assert "there is no usable credential; `./stir credentials add youtube` adds one" in row.said
        assert SECRET not in row.said
    ((reason,),) = tables.execute("select disabled_reason from collector.credential").fetchall()
    assert "API key not valid" in reason or "API_KEY_INVALID" in reason


def test_a_full_disk_of_postgresql_stops_calls_and_the_requests_say_so(
    present: Settings, tables: psycopg.Connection, safe: Vault, youtube: YouTubeStandIn
) -> None:
    add(tables, safe, "youtube", "one")
    ask(tables)
    tables.execute(
        "create function collector.full() returns trigger language plpgsql as $$ begin"
        " raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$"
    )
    tables.execute("create trigger disk_is_full before insert on collector.quota execute function collector.full()")
    try:
        sink = work(present, concurrency=1)
    finally:
        tables.execute("drop function collector.full() cascade")

    assert not sink.streams
    assert not youtube.used
    for row in rows(tables):
        assert (row.status, row.tries) == ("PENDING", 0)
        assert "No space left on device" in row.said


def test_without_a_broker_no_request_is_taken(present: Settings, tables: psycopg.Connection) -> None:
    ask(tables)
    away = present.model_copy(update={"broker_url": SecretStr("nats://127.0.0.1:1")})

    async def run() -> None:
        tools = replace(real_tools(away), open_sink=lambda: open_sink(away))
        async with worker_of(away, tools, Orders(once=True)):
            pass

    with pytest.raises(StirError, match="the broker does not answer"):
        asyncio.run(run())
    assert {(row.status, row.tries, row.said) for row in rows(tables)} == {("PENDING", 0, "")}


@pytest.mark.parametrize(("hours", "way"), [(1, "ahead of"), (-1, "behind")])
def test_a_clock_that_is_off_by_an_hour_lets_the_requests_wait(
    present: Settings, tables: psycopg.Connection, hours: int, way: str
) -> None:
    ask(tables)

    async def run() -> None:
        await Service(present, local_tools, Orders(), 1, now=lambda: datetime.now(UTC) + timedelta(hours=hours)).run()

    with pytest.raises(StirError, match=rf"the clock of this machine is 3,\d+ s {way} PostgreSQL's"):
        asyncio.run(run())
    assert {(row.status, row.tries, row.said) for row in rows(tables)} == {("PENDING", 0, "")}


def test_why_requests_could_not_be_answered_is_printed_once_for_each_reason(
    present: Settings, tables: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime.now(UTC)
    wanted = requests_for("refresh_yt_post_type", [f"unsent-{number}" for number in range(4)], moment)
    queue.enqueue(tables, wanted, moment=moment)
    with local_server() as seen:
        monkeypatch.setenv(URL, seen.url)
        picture = asyncio.run(Service(present, local_tools, Orders(once=True), 1).run())

    console = Console(width=160)
    with console.capture() as said:
        console.print(drawn(picture))
    assert "refresh_yt_post_type: 4 times: the broker has not taken the records" in said.get()
