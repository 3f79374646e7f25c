"""Records go to the broker's streams; what is published is on the broker's disk before a request is closed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import msgspec

from stir.collector.protocol import Sink
from stir.errors import StirError
from stir.ingest.broker import Broker, BrokerError, connect
from stir.ingest.messages import NDJSON
from stir.ingest.streams import stream as stream_named
from stir.settings import Settings

MESSAGE = 1_000_000
"""Bytes of a message, but for a single record that is larger."""


class BrokerSink:
    """Publishes records as messages of lines, each under the hash of its content."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._declared: set[str] = set()

    async def publish(self, stream: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Hand records to a stream; returns when the broker has them on disk."""
        stream_named(stream)
        try:
            if stream not in self._declared:
                await self._broker.declare([stream])
                self._declared.add(stream)
            for body in _messages(records):
                identity = sha256(body).hexdigest()
                await self._broker.publish(stream, body, message_id=identity, headers={"content-type": NDJSON})
        except BrokerError as error:
            raise StirError(
                f"the broker has not taken the records: {error}", where=f"stream {stream}", do="see `./stir status`"
            ) from None


@asynccontextmanager
async def open_sink(settings: Settings) -> AsyncIterator[Sink]:
    """The sink over the configured broker.

    Raises:
        StirError: no broker is configured, or it does not answer.
    """
    try:
        broker = await connect(settings)
    except BrokerError as error:
        raise StirError(f"the broker does not answer: {error}", do="run `./stir up --with broker`") from None
    try:
        yield BrokerSink(broker)
    finally:
        await broker.close()


def _messages(records: Sequence[Mapping[str, Any]]) -> list[bytes]:
    messages, lines, size = list[bytes](), list[bytes](), 0
    for record in records:
        line = msgspec.json.encode(record)
        if lines and size + len(line) > MESSAGE:
            messages.append(b"\n".join(lines))
            lines, size = [], 0
        lines.append(line)
        size += len(line) + 1
    if lines:
        messages.append(b"\n".join(lines))
    return messages
