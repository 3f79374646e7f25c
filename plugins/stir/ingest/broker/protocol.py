"""What the sink, the door and `stir emit` ask of a message broker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

MESSAGE_BYTES = 8_000_000
"""The largest message of a stream. JetStream advises against larger ones."""


class BrokerError(Exception):
    """The broker did not do what was asked. A message that was being published is not confirmed."""


class BrokerAwayError(BrokerError):
    """The broker does not answer at the moment; trying again later is right."""


class BrokerFullError(BrokerError):
    """The broker has no room for the message and has not kept it."""


class BrokerRefusedError(BrokerError):
    """The broker refuses the user, the password or the right; trying again changes nothing."""


class MessageTooLargeError(BrokerError):
    """The message is larger than the broker takes."""


@dataclass(frozen=True)
class Incoming:
    """One message, held by this consumer until it acknowledges or returns it.

    Attributes:
        stream: name of the stream that it came from.
        body: what the publisher sent.
        message_id: the publisher's id of the message; empty if it gave none.
        headers: the publisher's headers, with lower-case names.
        deliveries: how often the broker has delivered it, this time included.
        handle: the adapter's own object.
    """

    stream: str
    body: bytes
    message_id: str
    headers: Mapping[str, str]
    deliveries: int
    handle: Any = field(repr=False, compare=False)


@dataclass(frozen=True)
class Backlog:
    """What waits in a stream.

    Attributes:
        messages: messages that nobody has acknowledged.
        size: their bytes, None where the broker does not say.
        oldest: when the oldest of them came, None where there is none or the broker does not say.
        accepted: messages that the stream has ever taken, None where the broker does not say.
        counts_held: whether `messages` counts those that a consumer holds.
    """

    messages: int
    size: int | None = None
    oldest: datetime | None = None
    accepted: int | None = None
    counts_held: bool = True


class Broker(Protocol):
    """A durable message broker. Every method may raise BrokerAwayError; the connection comes back by itself."""

    @property
    def version(self) -> str:
        """The server's name and version."""

    async def declare(self, streams: Iterable[str]) -> None:
        """Create what the streams need and is missing."""

    async def publish(self, stream: str, body: bytes, *, message_id: str = "", headers: Mapping[str, str]) -> None:
        """Send a message; returns when the broker has it on disk.

        Raises:
            BrokerFullError: there is no room for it.
            MessageTooLargeError: the broker takes no message of this size.
        """

    async def fetch(self, stream: str, limit: int, wait: float) -> list[Incoming]:
        """Up to `limit` messages; an empty list if none came within `wait` seconds."""

    async def ack(self, messages: Sequence[Incoming]) -> None:
        """Have the broker forget messages. An acknowledgement that is lost leads to another delivery."""

    async def nack(self, messages: Sequence[Incoming], delay: float = 0.0) -> None:
        """Return messages; they are delivered again, where the broker can do that after `delay` seconds."""

    async def keep(self, messages: Sequence[Incoming]) -> None:
        """Tell the broker that these messages are still being worked on."""

    async def dead_letter(self, message: Incoming, why: str) -> None:
        """Put a message aside inside the broker, where it stays until a person looks, and acknowledge it."""

    async def backlog(self, stream: str) -> Backlog:
        """What waits in the stream. A stream that does not exist yet is empty."""

    async def close(self) -> None:
        """End the connection. Messages that are held and not acknowledged are delivered again."""
