"""From a handle to answered requests: the commands, real workers and the broker, against YouTube as documented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import psycopg
import pytest
from click.testing import CliRunner, Result
from tests.unit.collector.platform import NOWHERE, Platform
from tests.unit.collector.test_instagram import Platform as Profiles

from stir import connections
from stir.cli import collect as collecting
from stir.cli import credentials as keeping
from stir.cli import track as tracking
from stir.errors import StirError
from stir.local import ensure_services
from stir.settings import Settings, load_settings
from stir.world.standins.graph import GraphStandIn
from stir.world.standins.server import StandIn
from stir.world.standins.youtube import YouTubeStandIn
from stir.world.standins.youtube_documents import Channel

from .local_source import in_thread
from .real_flows import work

KEY = "AIzaTheKeyOfTheTest"
ADA = Channel(id="UCAda0000000000000000000", title="Ada", handle="ada", subscribers=1200, views=90_000)
BEA = Channel(id="UCBea0000000000000000000", title="Bea", handle="bea", subscribers=3_400_000_000, views=7)


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
    work(present)
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


def test_the_next_day_asks_again_and_shows_growth(
    present: Settings, tables: psycopg.Connection, youtube: YouTubeStandIn
) -> None:
    run(keeping.credentials, "add", "youtube", given=KEY)
    assert run(tracking.track, "youtube", "@ada").exit_code == 0
    platform = cast(Platform, youtube.contents)
    readings = []
    for day, subscribers in (("2026-11-20", 1200), ("2026-11-21", 1350)):
        platform.all_channels[ADA.id] = replace(ADA, subscribers=subscribers, views=90_000 + subscribers)
        then = present.model_copy(update={"as_of": f"{day}T09:00:00"})
        collecting.request_tracked(then)
        collecting.request_tracked(then)
        (event,) = work(then).streams["profile_log"]
        readings.append((event["event_timestamp"][:10], event["metrics"]["subscriber_count"], event["event_id"]))

    (first, before, one), (second, after, other) = readings
    assert (first, second) == ("2026-11-20", "2026-11-21")
    assert after - before == 150
    assert one != other
    assert tables.execute("select status, count(*) from scrape_request_log group by 1").fetchall() == [("COMPLETE", 4)]


def test_the_same_three_commands_for_a_professional_profile(
    present: Settings, tables: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = GraphStandIn(Profiles(), {"token-of-the-test": "178"})
    graph.debugged["token-of-the-test"] = {
        "is_valid": True, "expires_at": 0, "app_id": "5", "scopes": ["instagram_basic", "instagram_manage_insights"]
    }  # fmt: skip
    with in_thread(StandIn(graph)) as server:
        monkeypatch.setenv("STIR_INSTAGRAM_URL", server.url)
        added = run(keeping.credentials, "add", "instagram", "--account", "178", given="token-of-the-test")
        assert added.exit_code == 0, added.output
        said = run(tracking.track, "instagram", "@anna", "https://www.instagram.com/nina/")
        assert isinstance(said.exception, StirError)
        assert "1 of 2 names could not be tracked" in str(said.exception)
        assert "no professional account nina" in said.output
        collecting.request_tracked(present)
        sink = work(present)

    (event,) = sink.streams["profile_log"]
    assert (event["handle"], event["metrics"]) == ("anna", {"followers": 1200, "following": 30})
    rows = tables.execute("select flow, status, account_id from scrape_request_log").fetchall()
    assert rows == [("refresh_profile_by_handle", "COMPLETE", "anna")]
    assert "anna" in run(tracking.tracked_command).output
