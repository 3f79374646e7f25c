"""The application over the tests' world, published, and a client that asks it in this process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from stir import clock
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
