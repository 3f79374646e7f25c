"""One broker of each kind for all tests of this folder."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from stir.local import ensure_services
from stir.settings import Settings, load_settings

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
