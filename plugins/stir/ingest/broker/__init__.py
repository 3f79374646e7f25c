"""The message broker: one small protocol, and an adapter each for NATS JetStream and RabbitMQ."""

from __future__ import annotations

from stir.addresses import MANAGEMENT_PORTS, Endpoint
from stir.ingest.broker.protocol import (
    Backlog,
    Broker,
    BrokerAwayError,
    BrokerError,
    BrokerFullError,
    BrokerRefusedError,
    Incoming,
    MessageTooLargeError,
)
from stir.settings import Settings

__all__ = [
    "Backlog",
    "Broker",
    "BrokerAwayError",
    "BrokerError",
    "BrokerFullError",
    "BrokerRefusedError",
    "Incoming",
    "MessageTooLargeError",
    "connect",
]


async def connect(settings: Settings, *, redeliver_after: float = 30.0) -> Broker:
    """A connection to the broker of STIR_BROKER_URL.

    Args:
        settings: hold the address.
        redeliver_after: seconds after which the broker gives a message of a silent consumer to another one. RabbitMQ
            notices a dead consumer by its connection instead.

    Raises:
        StirError: no broker is configured.
        BrokerAwayError: it does not answer.
        BrokerRefusedError: it refuses the user or the password.
    """
    endpoint = settings.broker
    if endpoint.scheme in ("nats", "tls"):
        from stir.ingest.broker.nats import NatsBroker

        return await NatsBroker.connect(endpoint, redeliver_after=redeliver_after)
    from stir.ingest.broker.amqp import AmqpBroker

    url = settings.broker_management_url
    management = Endpoint(url.get_secret_value(), MANAGEMENT_PORTS) if url else None
    return await AmqpBroker.connect(endpoint, management)
