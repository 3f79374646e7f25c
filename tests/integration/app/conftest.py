"""The application over the tests' world, published, and a client that asks it in this process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import uvicorn
from fastapi.testclient import TestClient

from stir import clock, connections
from stir.addresses import LOOPBACK
from stir.app.service import create_app
from stir.publish import SPECS, publish
from stir.settings import Settings
from stir.world.warehouse import Build


@pytest.fixture(scope="session")
def published(settings: Settings, warehouse: Build) -> Settings:
    """The services, with every table of the tests' warehouse published to production."""
    for spec in SPECS.values():
        publish(settings, spec)
    return settings


@pytest.fixture(scope="session")
def site(published: Settings) -> Iterator[TestClient]:
    """A client of the application, an hour after the end of the world, without a limit that tests would meet."""
    application = create_app(published, per_minute=1_000_000, now=lambda: clock.now(published) + timedelta(hours=1))
    with TestClient(application, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def share(published: Settings) -> str:
    """The id in the share link of the list that has most posts on both platforms."""
    query = "select share_id from collection where share_id is not null order by youtube_posts desc, posts desc limit 1"
    with connections.postgres(published, role="reader") as connection:
        return str((connection.execute(query).fetchone() or [""])[0])


@pytest.fixture(scope="session")
def creator(published: Settings) -> str:
    """The id of an Instagram account that is on a board and has a series and hashtags."""
    query = (
        "select platform_id from leaderboard join social_profile_hashtags using (platform_id)"
        " where leaderboard.platform = 'INSTAGRAM' order by followers_rank, month desc limit 1"
    )
    with connections.postgres(published, role="reader") as connection:
        return str((connection.execute(query.encode()).fetchone() or [""])[0])


@pytest.fixture(scope="session")
def address(published: Settings) -> Iterator[str]:
    """The application, served on a free port."""
    application = create_app(published, per_minute=1_000_000, now=lambda: clock.now(published) + timedelta(hours=1))
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()
