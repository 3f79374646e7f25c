"""One broker of each kind for all tests of this folder."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from stir import connections
from stir.local import SERVICES, ensure_services, stop_services
from stir.settings import URL_FIELDS, Settings, load_settings
from stir.sources.contract import contract
from stir.sources.ddl import create_table

from .flow import TABLE
from .rabbitmq import RabbitMq, rabbitmq


@pytest.fixture(scope="session")
def streaming(settings: Settings) -> Settings:
    """The tests' services with the embedded broker."""
    return ensure_services(load_settings(), ["broker"])


@pytest.fixture(scope="session")
def rabbit() -> Iterator[RabbitMq]:
    """A RabbitMQ node."""
    with rabbitmq() as node:
        yield node


@pytest.fixture(scope="session", params=["nats", "amqp"])
def brokered(request: pytest.FixtureRequest) -> Settings:
    """Settings of a broker, once for each kind."""
    if request.param == "nats":
        found: Settings = request.getfixturevalue("streaming")
        return found
    node: RabbitMq = request.getfixturevalue("rabbit")
    return load_settings().model_copy(update={"broker_url": SecretStr(node.url)})


@pytest.fixture
def new_stream() -> Callable[[], str]:
    """Names of streams that nobody has used."""
    return lambda: f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Services that these tests may kill, with empty tables of events."""
    state_dir = tmp_path_factory.mktemp("ingest") / "state"
    bare = Settings(_env_file=None, state_dir=state_dir, cache_dir=load_settings().cache_dir)
    without_urls = bare.model_copy(update=dict.fromkeys(URL_FIELDS))
    try:
        found = ensure_services(without_urls, SERVICES)
        client = connections.clickhouse(found)
        client.command("create database if not exists events")
        client.command(create_table(contract(TABLE)))
        yield found
    finally:
        stop_services(without_urls)
