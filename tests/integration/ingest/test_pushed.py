"""What RabbitMQ pushes to a sink follows the size of the messages, and the messages come whatever their size."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest
from pydantic import SecretStr

from stir.ingest import broker
from stir.ingest.broker import Broker, BrokerAwayError, Incoming
from stir.ingest.broker.pushed import AHEAD_BYTES, FIRST
from stir.settings import Settings

from .rabbitmq import RabbitMq

LARGE = b"x" * 6_000_000


@pytest.fixture
def run(settings: Settings, rabbit: RabbitMq) -> Callable[[Callable[[Broker, Broker], Awaitable[None]]], None]:
    """Runs something with a consumer's connection and that of somebody who looks at the queue."""
    plain = settings.model_copy(update={"broker_url": SecretStr(rabbit.url)})

    def with_both(use: Callable[[Broker, Broker], Awaitable[None]]) -> None:
        async def both() -> None:
            consumer, looking = await broker.connect(plain), await broker.connect(plain)
            try:
                await use(consumer, looking)
            finally:
                await consumer.close()
                await looking.close()

        asyncio.run(both())

    return with_both


async def not_pushed(looking: Broker, stream: str) -> int:
    """Messages of the queue that no consumer holds, once their number stands still."""
    seen = -1
    while (found := (await looking.backlog(stream)).messages) != seen:
        seen = found
        await asyncio.sleep(1)
    return seen


async def take_all(consumer: Broker, stream: str, count: int) -> list[Incoming]:
    """Fetch and acknowledge until so many different messages have come, also after the consumer was closed."""
    found: dict[str, Incoming] = {}
    async with asyncio.timeout(300):
        while len(found) < count:
            with contextlib.suppress(BrokerAwayError):
                came = await consumer.fetch(stream, 5, wait=1)
                await consumer.ack(came)
                found |= {message.message_id: message for message in came}
    return list(found.values())


def test_few_large_messages_are_pushed_and_many_small_ones(
    run: Callable[[Callable[[Broker, Broker], Awaitable[None]]], None], new_stream: Callable[[], str]
) -> None:
    large, small = new_stream(), new_stream()

    async def use(consumer: Broker, looking: Broker) -> None:
        for number in range(FIRST + 10):
            await looking.publish(large, LARGE, message_id=str(number), headers={})
        for number in range(600):
            await looking.publish(small, b"x", message_id=str(number), headers={})
        held = await consumer.fetch(large, FIRST, wait=60)
        while len(held) < FIRST:
            held += await consumer.fetch(large, FIRST - len(held), wait=60)
        assert await consumer.fetch(large, 1, wait=1) == []
        assert await not_pushed(looking, large) == 10
        held = await consumer.fetch(small, FIRST, wait=60)
        while len(held) < 600:
            held += await consumer.fetch(small, 600, wait=60)
        assert await not_pushed(looking, small) == 0

    run(use)


def test_messages_that_become_large_go_back_before_they_fill_the_memory_and_all_of_them_come(
    run: Callable[[Callable[[Broker, Broker], Awaitable[None]]], None], new_stream: Callable[[], str]
) -> None:
    stream, large = new_stream(), 3 * AHEAD_BYTES // len(LARGE)

    async def use(consumer: Broker, looking: Broker) -> None:
        for number in range(100):
            await looking.publish(stream, b"x", message_id=f"small {number}", headers={})
        await take_all(consumer, stream, 100)
        for number in range(large):
            await looking.publish(stream, LARGE, message_id=f"large {number}", headers={})
        async with asyncio.timeout(300):
            while (await looking.backlog(stream)).messages != large:
                await asyncio.sleep(0.2)
        came = await take_all(consumer, stream, large)
        assert any(message.deliveries > 1 for message in came), "nothing had gone back"
        assert {message.message_id for message in came} == {f"large {number}" for number in range(large)}
        assert await not_pushed(looking, stream) == 0

    run(use)
