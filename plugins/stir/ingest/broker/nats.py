"""NATS JetStream: one work-queue stream and one pull consumer for each of our streams."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from stir.addresses import Endpoint
from stir.ingest.broker.protocol import (
    Backlog,
    BrokerAwayError,
    BrokerError,
    BrokerFullError,
    BrokerRefusedError,
    Incoming,
    MessageTooLargeError,
)

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

CONSUMER = "sink"
DEAD = "dead"
"""The stream of messages that were put aside."""
_ID, _STREAM, _WHY, _SENT_AS = "Nats-Msg-Id", "Stir-Stream", "Stir-Why", "Stir-Sent-As"
_DUPLICATES_SECONDS = 120
_UNACKED = 20_000
_NO_ROOM = {10023, 10047, 10077}
"""JetStream's codes for: no resources, no storage, more bytes than the stream may have."""
_SECONDS = 5.0
_LOOK_SECONDS = 5.0


class NatsBroker:
    """A connection to JetStream that comes back by itself."""

    def __init__(self, client: Client, redeliver_after: float, stream_bytes: int) -> None:
        self._client = client
        self._js: JetStreamContext = client.jetstream(timeout=_SECONDS)
        self._redeliver_after = redeliver_after
        self._stream_bytes = stream_bytes
        self._declared: set[str] = set()
        self._looked: dict[str, float] = {}
        self._consumers: dict[str, JetStreamContext.PullSubscription] = {}

    @classmethod
    async def connect(cls, endpoint: Endpoint, *, redeliver_after: float, stream_bytes: int = -1) -> NatsBroker:
        """Connect, and stay connected. `stream_bytes` limits each new stream; without it, the server's own limit holds.

        Raises:
            BrokerAwayError: no server answers.
            BrokerRefusedError: the server refuses the user.
        """
        import nats
        from nats.errors import Error

        async def quiet(*_: object) -> None:
            """Errors of the connection show as errors of what was asked; nats-py would print them with a traceback."""

        url = f"{endpoint.scheme}://{endpoint.host}:{endpoint.port or 4222}"
        options: dict[str, Any] = {
            "user": endpoint.user,
            "password": endpoint.password,
            "name": "stir",
            "error_cb": quiet,
            "connect_timeout": 5,
        }
        try:
            # Without reconnecting: with it, the library would try a wrong password for ever.
            trial = {"allow_reconnect": False, "max_reconnect_attempts": 1, "reconnect_time_wait": 0}
            await (await nats.connect(url, **trial, **options)).close()
            client = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=0.2, **options)
        except (Error, OSError, TimeoutError) as error:
            said = str(error) or type(error).__name__
            if "authorization" in said.lower():
                raise BrokerRefusedError(said) from None
            raise BrokerAwayError(said) from None
        return cls(client, redeliver_after, stream_bytes)

    @property
    def version(self) -> str:
        """The server's name and version."""
        return f"NATS {self._client._server_info.get('version', '')}".strip()

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        """For what is sent: without a connection the library would keep it in memory and wait."""
        if not self._client.is_connected:
            raise BrokerAwayError("the connection to the broker is lost")
        async with _translated():
            yield

    async def declare(self, streams: Iterable[str]) -> None:
        """Create the streams and their consumers."""
        from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

        for stream in streams:
            if stream in self._declared:
                continue
            config = StreamConfig(
                name=stream,
                subjects=[_subject(stream)],
                retention=RetentionPolicy.WORK_QUEUE,
                storage=StorageType.FILE,
                discard=DiscardPolicy.NEW,
                max_bytes=self._stream_bytes,
                duplicate_window=_DUPLICATES_SECONDS,
            )
            consumer = ConsumerConfig(
                durable_name=CONSUMER,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=self._redeliver_after,
                max_deliver=-1,
                max_ack_pending=_UNACKED,
            )
            async with _translated():
                await self._js.add_stream(config)
                if stream != DEAD:
                    await self._js.add_consumer(stream, consumer)
            self._declared.add(stream)

    async def publish(self, stream: str, body: bytes, *, message_id: str = "", headers: Mapping[str, str]) -> None:
        """Publish and wait for JetStream's confirmation."""
        await self.declare((stream,))
        sent = {**headers, _ID: message_id} if message_id else dict(headers)
        async with self._connected():
            if len(body) > self._client.max_payload - 4096:  # the headers count too
                raise MessageTooLargeError(f"{len(body):,} bytes")
            await self._js.publish(_subject(stream), body, headers=sent or None, timeout=_SECONDS)

    async def fetch(self, stream: str, limit: int, wait: float) -> list[Incoming]:
        """Pull messages: what is there at once, else the first that comes."""
        from nats.errors import TimeoutError as NatsTimeoutError

        await self.declare((stream,))
        async with _translated():
            if stream not in self._consumers:
                self._consumers[stream] = await self._js.pull_subscribe_bind(durable=CONSUMER, stream=stream)
            try:
                found = await self._consumers[stream].fetch(limit, timeout=wait)
            except (NatsTimeoutError, TimeoutError):
                if not self._client.is_connected:
                    raise BrokerAwayError("the connection to the broker is lost") from None
                await self._find_orphans(stream)
                return []
        return [self._incoming(stream, message) for message in found]

    async def _find_orphans(self, stream: str) -> None:
        """Have messages delivered again that the stream holds and its consumer believes to be done. A server that is
        killed may have noted an acknowledgement and not yet the removal; such a message would wait for ever.
        """
        if time.monotonic() < self._looked.get(stream, 0.0) + _LOOK_SECONDS:
            return
        self._looked[stream] = time.monotonic()
        consumer = await self._js.consumer_info(stream, CONSUMER)
        if consumer.num_pending or consumer.num_ack_pending:
            return
        held = (await self._js.stream_info(stream)).state.messages
        consumer = await self._js.consumer_info(stream, CONSUMER)
        if held and not consumer.num_pending and not consumer.num_ack_pending:
            await self._js.delete_consumer(stream, CONSUMER)
            self._declared.discard(stream)
            self._consumers.pop(stream, None)

    @staticmethod
    def _incoming(stream: str, message: Any) -> Incoming:
        headers = {str(name).lower(): str(value) for name, value in (message.headers or {}).items()}
        return Incoming(
            stream,
            message.data,
            headers.pop(_ID.lower(), ""),
            headers,
            int(message.metadata.num_delivered or 1),
            message,
        )

    async def ack(self, messages: Sequence[Incoming]) -> None:
        """A work queue wants each message acknowledged by itself; they travel together."""
        async with self._connected():
            for message in messages:
                await message.handle.ack()
            await self._client.flush(timeout=int(_SECONDS))

    async def nack(self, messages: Sequence[Incoming], delay: float = 0.0) -> None:
        """Have the messages delivered again after `delay` seconds."""
        async with self._connected():
            for message in messages:
                await message.handle.nak(delay=delay or None)
            await self._client.flush(timeout=int(_SECONDS))

    async def keep(self, messages: Sequence[Incoming]) -> None:
        """Begin the time until redelivery again."""
        async with self._connected():
            for message in messages:
                await message.handle.in_progress()

    async def dead_letter(self, message: Incoming, why: str) -> None:
        """Copy the message to the stream `dead`, then acknowledge it."""
        headers = {**message.headers, _STREAM: message.stream, _WHY: why[:500].replace("\n", " ").replace("\r", " ")}
        # A publisher may send two bodies under one id: both are kept, and the same one twice is one.
        headers |= {_SENT_AS: message.message_id} if message.message_id else {}
        named = f"{message.stream}\0{message.message_id}\0".encode("utf-8", "surrogatepass")
        await self.publish(DEAD, message.body, message_id=sha256(named + message.body).hexdigest(), headers=headers)
        await self.ack([message])

    async def backlog(self, stream: str) -> Backlog:
        """The stream's own figures. A work queue holds just what nobody has acknowledged."""
        from nats.js.errors import NotFoundError

        async with _translated():
            try:
                # The library's own StreamState leaves the times out.
                answer = await self._js._api_request(f"$JS.API.STREAM.INFO.{stream}", b"", timeout=_SECONDS)
            except NotFoundError:
                return Backlog(0, 0, None, 0)
        state = answer["state"]
        oldest = datetime.fromisoformat(_microseconds(state["first_ts"])) if state["messages"] else None
        return Backlog(state["messages"], state["bytes"], oldest, state["last_seq"])

    async def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(Exception):
            await self._client.close()


def _subject(stream: str) -> str:
    return f"stir.{stream}"


def _microseconds(moment: str) -> str:
    """Go writes up to nine digits of a second; Python 3.11 reads six."""
    head, _, digits = moment.removesuffix("Z").partition(".")
    return f"{head}.{(digits + '000000')[:6]}+00:00"


@contextlib.asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Turn the library's errors into ours."""
    from nats.errors import Error, MaxPayloadError
    from nats.js.errors import APIError

    try:
        yield
    except BrokerError:
        raise
    except MaxPayloadError as error:
        raise MessageTooLargeError(str(error)) from None
    except APIError as error:
        if error.err_code in _NO_ROOM:
            raise BrokerFullError(error.description or "no room") from None
        raise BrokerAwayError(f"{error.description} ({error.err_code})") from None
    except (Error, OSError, TimeoutError) as error:
        raise BrokerAwayError(str(error) or type(error).__name__) from None
