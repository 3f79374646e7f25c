"""From a handle to answered requests: the commands, real workers and the broker, against YouTube as documented."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from tests.unit.collector.platform import NOWHERE, Platform

from stir import connections
from stir.cli import collect as collecting
from stir.cli import credentials as keeping
from stir.cli import track as tracking
from stir.collector.process import Orders, worker_of
from stir.collector.tools import real_tools
from stir.errors import StirError
from stir.local import ensure_services
from stir.settings import Settings, load_settings
from stir.world.standins.server import StandIn
from stir.world.standins.youtube import YouTubeStandIn
from stir.world.standins.youtube_documents import Channel

KEY = "AIzaTheKeyOfTheTest"
ADA = Channel(id="UCAda0000000000000000000", title="Ada", handle="ada", subscribers=1200, views=90_000)
BEA = Channel(id="UCBea0000000000000000000", title="Bea", handle="bea", subscribers=3_400_000_000, views=7)


@contextmanager
def in_thread(stand_in: StandIn) -> Iterator[StandIn]:
    """The server in a loop of its own."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        async with stand_in:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    try:
        yield stand_in
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture
def present(settings: Settings, tables: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The services with a broker, in the present, and nobody tracked."""
    found = ensure_services(load_settings(), ["broker"]).model_copy(update={"as_of": None})
    for command in (keeping, tracking, collecting):
        monkeypatch.setattr(command, "running_services", lambda names: found)
    forget = "delete from ops.tracked_entity where kind in ('critical_channel', 'tracked_profile')"
    run(tracking.tracked_command)
    with connections.postgres(found, autocommit=True) as connection:
        kept = connection.execute("select kind, value, priority, enabled, note from ops.tracked_entity").fetchall()
        connection.execute(forget)
        yield found
        connection.execute(forget)
        for row in kept:
            connection.execute(
                "insert into ops.tracked_entity (kind, value, priority, enabled, note) values (%s, %s, %s, %s, %s)"
                " on conflict do nothing",
                row,
            )


@pytest.fixture
def youtube(monkeypatch: pytest.MonkeyPatch) -> Iterator[YouTubeStandIn]:
    """YouTube with two channels, and one key."""
    api = YouTubeStandIn(Platform([ADA, BEA]), keys={KEY: "projects/1"})
    with in_thread(StandIn(api)) as server:
        monkeypatch.setenv("STIR_YOUTUBE_URL", f"{server.url}/youtube/v3")
        monkeypatch.setenv("STIR_YOUTUBE_RSS_URL", NOWHERE)
        yield api


def run(command: object, *arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(command, arguments, input=given)  # type: ignore[arg-type]


def test_three_commands_lead_from_a_handle_to_closed_requests(
    present: Settings, tables: psycopg.Connection, youtube: YouTubeStandIn, tmp_path: Path
) -> None:
    assert run(keeping.credentials, "add", "youtube", "--project", "1", given=KEY).exit_code == 0
    assert "youtube default: accepted" in run(keeping.credentials, "check").output
    names = tmp_path / "names.txt"
    names.write_text(f"# ours\nhttps://www.youtube.com/@bea\n{ADA.id}\n@ada\n", encoding="utf-8")
    said = run(tracking.track, "youtube", "--file", str(names))
    assert said.exit_code == 0, said.output
    assert f"@bea Bea ({BEA.id}) is tracked\n" in said.output
    assert f"@ada Ada ({ADA.id}) is tracked already" in said.output, "its id and its handle are one channel"

    collecting.request_tracked(present)

    async def work() -> None:
        async with worker_of(present, real_tools(present), Orders(once=True)) as one:
            await one.run()

    asyncio.run(work())
    rows = tables.execute(
        "select flow, status, account_id from scrape_request_log order by flow, account_id"
    ).fetchall()
    assert rows == [
        (flow, "COMPLETE", channel)
        for flow in ("refresh_yt_posts_by_playlist_id", "refresh_yt_profiles")
        for channel in (ADA.id, BEA.id)
    ]
    collecting.request_tracked(present)
    assert tables.execute("select count(*) from scrape_request_log").fetchone() == (4,), "once a day"
    assert f"{datetime.now(UTC):%Y-%m-%d}" in run(tracking.tracked_command).output
    assert KEY not in tables.execute("select string_agg(t::text, '') from scrape_request_log as t").fetchall()[0][0]
    assert run(tracking.untrack, "youtube", "@ADA").exit_code == 0
    assert "ada" not in run(tracking.tracked_command).output
    assert isinstance(run(tracking.untrack, "youtube", "ada").exception, StirError)


def test_a_handle_that_does_not_exist_is_named_and_the_others_are_tracked(
    present: Settings, youtube: YouTubeStandIn
) -> None:
    run(keeping.credentials, "add", "youtube", given=KEY)
    said = run(tracking.track, "youtube", "@ada", "@nobody", "no handle!")
    assert isinstance(said.exception, StirError)
    assert "2 of 3 names could not be tracked" in str(said.exception)
    assert "YouTube has no channel nobody" in said.output
    assert ADA.id in run(tracking.tracked_command).output


def test_a_key_that_google_refuses_is_off_until_a_person_acts(
    present: Settings, tables: psycopg.Connection, youtube: YouTubeStandIn
) -> None:
    run(keeping.credentials, "add", "youtube", given="AIzaWrong")
    said = run(keeping.credentials, "check")
    assert isinstance(said.exception, StirError)
    assert "API_KEY_INVALID" in said.output
    assert tables.execute("select disabled_at is not null from collector.credential").fetchall() == [(True,)]
    assert "no usable credential" in run(tracking.track, "youtube", "@ada").output
