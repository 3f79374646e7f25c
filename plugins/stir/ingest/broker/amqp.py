"""RabbitMQ: one quorum queue for each of our streams, with publisher confirms."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from stir.addresses import Endpoint
from stir.ingest.broker.management import held_by_consumers
from stir.ingest.broker.protocol import (
    Backlog,
    BrokerAwayError,
    BrokerError,
    BrokerFullError,
    BrokerRefusedError,
    Incoming,
)
from stir.ingest.broker.pushed import Pushed

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

DEAD = "stir.dead"
"""The queue of messages that were put aside, or that RabbitMQ delivered too often."""
_STREAM_BYTES = 20_000_000_000
"""What a queue keeps before RabbitMQ refuses further messages."""
_SECONDS = 10.0
_DELIVERY_LIMIT = 1000
"""Beyond it RabbitMQ moves a message to the dead queue. RabbitMQ 4 by itself takes 20 and drops it."""


class AmqpBroker:
    """A connection to RabbitMQ that is opened again when it is lost."""

    def __init__(
        self, endpoint: Endpoint, management: Endpoint | None = None, *, stream_bytes: int = _STREAM_BYTES
    ) -> None:
        self._endpoint = endpoint
        self._management = management
        self._stream_bytes = stream_bytes
        self._connection: AbstractConnection | None = None
        self._publishing: AbstractChannel | None = None
        self._declared: set[str] = set()
        self._pushed: dict[str, Pushed] = {}
        self._opening = asyncio.Lock()

    @classmethod
    async def connect(cls, endpoint: Endpoint, management: Endpoint | None = None) -> AmqpBroker:
        """Connect. `management` is the address of the management API, which is asked for what consumers hold.

        Raises:
            BrokerAwayError: no server answers.
            BrokerRefusedError: the server refuses the user.
        """
        broker = cls(endpoint, management)
        await broker._channel()
        return broker

    @property
    def version(self) -> str:
        """The server's name and version."""
        transport: Any = self._connection.transport if self._connection else None
        properties = transport.connection.server_properties if transport else {}
        said = properties.get("version", b"")
        return f"RabbitMQ {said.decode() if isinstance(said, bytes) else said}".strip()

    async def _channel(self) -> AbstractChannel:
        """The channel for publishing, opened again if it is closed."""
        import aio_pika

        async with self._opening, _translated():
            if self._connection is None or not _lives(self._connection):
                self._declared.clear()
                self._pushed.clear()
                self._publishing = None
                endpoint = self._endpoint
                self._connection = await aio_pika.connect(
                    host=endpoint.host,
                    port=endpoint.port or (5671 if endpoint.scheme == "amqps" else 5672),
                    login=endpoint.user or "guest",
                    password=endpoint.password or "guest",
                    virtualhost=endpoint.path or "/",
                    ssl=endpoint.scheme == "amqps",
                    timeout=5,
                    client_properties={"connection_name": "stir"},
                )
            if self._publishing is None or self._publishing.is_closed:
                self._publishing = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
            return self._publishing

    async def declare(self, streams: Iterable[str]) -> None:
        """Create the queues."""
        for stream in streams:
            channel = await self._channel()
            if stream in self._declared:
                continue
            async with _translated():
                await channel.declare_queue(DEAD, durable=True, arguments={"x-queue-type": "quorum"})
                await channel.declare_queue(
                    _queue(stream),
                    durable=True,
                    arguments={
                        "x-queue-type": "quorum",
                        "x-overflow": "reject-publish",
                        "x-max-length-bytes": self._stream_bytes,
                        "x-delivery-limit": _DELIVERY_LIMIT,
                        "x-dead-letter-exchange": "",
                        "x-dead-letter-routing-key": DEAD,
                        "x-dead-letter-strategy": "at-least-once",
                    },
                )
            self._declared.add(stream)

    async def publish(self, stream: str, body: bytes, *, message_id: str = "", headers: Mapping[str, str]) -> None:
        """Publish and wait for RabbitMQ's confirmation."""
        await self.declare((stream,))
        await self._send(_queue(stream), body, message_id, headers)

    async def _send(self, queue: str, body: bytes, message_id: str, headers: Mapping[str, str]) -> None:
        import aio_pika

        message = aio_pika.Message(
            body,
            message_id=message_id or None,
            headers=dict(headers),
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        channel = await self._channel()
        async with _translated():
            await channel.default_exchange.publish(message, routing_key=queue, mandatory=True, timeout=_SECONDS)

    async def fetch(self, stream: str, limit: int, wait: float) -> list[Incoming]:
        """Take what RabbitMQ has pushed, else wait for the first."""
        await self.declare((stream,))
        pushed = self._pushed.get(stream)
        if pushed is None or pushed.is_closed:
            async with _translated():
                connection = self._connection
                if connection is None:
                    raise BrokerAwayError("the connection to the broker is lost")
                largest = pushed.largest if pushed else 0
                pushed = Pushed(await connection.channel(), _queue(stream), largest=largest)
                await pushed.begin()
                self._pushed[stream] = pushed
        try:
            async with _translated():
                await pushed.grow()
        except BrokerError:
            await pushed.close()  # a consumer of which nobody knows might hold messages
            raise
        found = await pushed.take(limit, wait)
        if pushed.is_closed:
            raise BrokerAwayError("what it has brought belongs to the broker again")
        return [self._incoming(stream, message) for message in found]

    @staticmethod
    def _incoming(stream: str, message: AbstractIncomingMessage) -> Incoming:
        headers = {str(name).lower(): str(value) for name, value in (message.headers or {}).items()}
        if message.content_type:
            headers.setdefault("content-type", message.content_type)
        count = headers.pop("x-delivery-count", "0")
        returned = int(count) if count.isdigit() else 0
        deliveries = 1 + max(returned, 1 if message.redelivered else 0)
        return Incoming(stream, message.body, message.message_id or "", headers, deliveries, message)

    async def ack(self, messages: Sequence[Incoming]) -> None:
        """Acknowledge each message."""
        async with _translated():
            for message in messages:
                await message.handle.ack()

    async def nack(self, messages: Sequence[Incoming], delay: float = 0.0) -> None:
        """Return the messages. RabbitMQ has no delay of its own, so this waits before it returns them."""
        if delay:
            await asyncio.sleep(delay)
        async with _translated():
            for message in messages:
                await message.handle.nack(requeue=True)

    async def keep(self, messages: Sequence[Incoming]) -> None:
        """Nothing to do: RabbitMQ waits as long as the connection lives."""

    async def dead_letter(self, message: Incoming, why: str) -> None:
        """Copy the message to the dead queue, then acknowledge it."""
        await self.declare((message.stream,))
        headers = {**message.headers, "stir-stream": message.stream, "stir-why": why[:500]}
        await self._send(DEAD, message.body, message.message_id, headers)
        await self.ack([message])

    async def backlog(self, stream: str) -> Backlog:
        """Messages that wait for a consumer, and with a management API those that consumers hold.

        The API counts every five seconds, so what consumers hold may be that old. RabbitMQ does not say how old the
        oldest message is.
        """
        from aiormq.exceptions import ChannelNotFoundEntity

        await self._channel()
        async with _translated():
            if self._connection is None:
                raise BrokerAwayError("the connection to the broker is lost")
            # A channel of its own: asking for a queue that does not exist closes the channel.
            channel = await self._connection.channel()
            try:
                queue = await channel.declare_queue(_queue(stream), passive=True)
            except ChannelNotFoundEntity:
                return Backlog(0)
            finally:
                if not channel.is_closed:
                    await channel.close()
        ready = int(queue.declaration_result.message_count or 0)
        if self._management is None:
            return Backlog(ready, counts_held=False)
        held, size = await held_by_consumers(self._management, self._endpoint, _queue(stream))
        return Backlog(ready + held, size)

    async def close(self) -> None:
        """Close the connection; RabbitMQ delivers what was not acknowledged again."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._connection.close(), 2)


def _lives(connection: AbstractConnection) -> bool:
    """Whether a connection is open. One whose server has died does not count as closed in the library."""
    return not connection.is_closed and connection.connected.is_set()


def _queue(stream: str) -> str:
    return f"stir.{quote(stream, safe='')}"


@contextlib.asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Turn the library's errors into ours. It waits for ever for some answers of a server that has died."""
    from aiormq.exceptions import AMQPError, AuthenticationError, DeliveryError, ProbableAuthenticationError

    try:
        async with asyncio.timeout(_SECONDS):
            yield
    except BrokerError:
        raise
    except (AuthenticationError, ProbableAuthenticationError) as error:
        raise BrokerRefusedError(str(error)) from None
    except DeliveryError as error:
        raise BrokerFullError("RabbitMQ did not take the message") from error
    except (AMQPError, OSError, TimeoutError, RuntimeError) as error:
        raise BrokerAwayError(str(error) or type(error).__name__) from None
