"""Both brokers keep the same promises: what is confirmed stays until it is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import pytest
from pydantic import SecretStr

from stir.ingest import broker
from stir.ingest.broker import Broker, BrokerAwayError, BrokerFullError, BrokerRefusedError, MessageTooLargeError
from stir.ingest.broker.nats import NatsBroker
from stir.settings import Settings

from .rabbitmq import RabbitMq

T = TypeVar("T")
Use = Callable[[Broker], Awaitable[T]]


def using(settings: Settings, use: Use[T]) -> T:
    """The result of `use` with a connection of its own."""

    async def run() -> T:
        connection = await broker.connect(settings, redeliver_after=1)
        try:
            return await use(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def test_a_confirmed_message_is_delivered_with_its_id_and_headers_until_it_is_acknowledged(
    brokered: Settings, new_stream: Callable[[], str]
) -> None:
    stream = new_stream()

    async def publish(connection: Broker) -> None:
        await connection.publish(stream, b"one", message_id="id-1", headers={"stir-schema": "a", "Other": "b"})

    async def take(connection: Broker) -> tuple[bytes, str, dict[str, str], int]:
        [message] = await connection.fetch(stream, 10, wait=60)
        return message.body, message.message_id, dict(message.headers), message.deliveries

    async def acknowledge(connection: Broker) -> int:
        [message] = await connection.fetch(stream, 10, wait=60)
        await connection.ack([message])
        assert await connection.fetch(stream, 10, wait=0.3) == []
        return message.deliveries

    using(brokered, publish)
    body, message_id, headers, deliveries = using(brokered, take)
    assert (body, message_id, deliveries) == (b"one", "id-1", 1)
    assert {"stir-schema": "a", "other": "b"}.items() <= headers.items()
    assert using(brokered, acknowledge) == 2


def test_a_returned_message_comes_again_and_says_how_often(brokered: Settings, new_stream: Callable[[], str]) -> None:
    stream = new_stream()

    async def use(connection: Broker) -> list[int]:
        await connection.publish(stream, b"again", headers={})
        seen = []
        for _ in range(4):
            [message] = await connection.fetch(stream, 1, wait=60)
            seen.append(message.deliveries)
            await connection.nack([message])
        return seen

    assert using(brokered, use) == [1, 2, 3, 4]


def test_the_backlog_counts_what_waits_and_an_unknown_stream_has_none(
    brokered: Settings, new_stream: Callable[[], str]
) -> None:
    stream = new_stream()

    async def use(connection: Broker) -> tuple[int, int]:
        before = await connection.backlog(stream)
        await asyncio.gather(*(connection.publish(stream, b"%d" % n, headers={}) for n in range(25)))
        return before.messages, (await connection.backlog(stream)).messages

    assert using(brokered, use) == (0, 25)


def test_the_backlog_of_rabbitmq_counts_what_a_consumer_holds_once_the_management_api_is_known(
    settings: Settings, rabbit: RabbitMq, new_stream: Callable[[], str]
) -> None:
    stream = new_stream()
    plain = settings.model_copy(update={"broker_url": SecretStr(rabbit.url)})
    asking = plain.model_copy(update={"broker_management_url": SecretStr(rabbit.management_url)})

    async def use(connection: Broker) -> None:
        for body in (b"1", b"2", b"3"):
            await connection.publish(stream, body, headers={})
        [held] = await connection.fetch(stream, 1, wait=60)
        looking = await broker.connect(asking)
        async with asyncio.timeout(180):  # the API counts every five seconds
            while (seen := await looking.backlog(stream)).messages != 3:
                await asyncio.sleep(0.2)
        assert (seen.counts_held, seen.size) == (True, 3)
        unaware = await connection.backlog(stream)
        assert (unaware.messages < 3, unaware.counts_held) == (True, False)
        await connection.ack([held])
        await looking.close()

    using(plain, use)


def test_a_dead_letter_leaves_the_stream_and_stays_in_the_broker(
    brokered: Settings, new_stream: Callable[[], str]
) -> None:
    stream = new_stream()

    async def use(connection: Broker) -> tuple[int, int]:
        await connection.publish(stream, b"poison", headers={})
        [message] = await connection.fetch(stream, 1, wait=60)
        before = (await connection.backlog("dead")).messages
        await connection.dead_letter(message, "it ended the\nsink")
        assert await connection.fetch(stream, 1, wait=0.3) == []
        after = (await connection.backlog("dead")).messages
        return (await connection.backlog(stream)).messages, after - before

    assert using(brokered, use) == (0, 1)


def test_two_bodies_under_one_id_are_two_dead_letters_and_each_of_them_is_one(
    streaming: Settings, new_stream: Callable[[], str]
) -> None:
    stream = new_stream()

    async def use(connection: Broker) -> int:
        before = (await connection.backlog("dead")).messages
        for body in (b"first", b"second", b"second"):
            await connection.publish(stream, body, headers={})
            [message] = await connection.fetch(stream, 1, wait=60)
            await connection.dead_letter(replace(message, message_id="the same"), "poison")
        return (await connection.backlog("dead")).messages - before

    assert using(streaming, use) == 2


def test_a_publishers_retry_with_the_same_id_adds_nothing_in_jetstream(
    streaming: Settings, new_stream: Callable[[], str]
) -> None:
    stream = new_stream()

    async def use(connection: Broker) -> int:
        for _ in range(3):
            await connection.publish(stream, b"once", message_id="the same", headers={})
        return (await connection.backlog(stream)).messages

    assert using(streaming, use) == 1


def test_two_consumers_share_a_stream_and_nothing_is_delivered_to_both(
    brokered: Settings, new_stream: Callable[[], str]
) -> None:
    stream = new_stream()

    async def use(first: Broker) -> tuple[set[bytes], set[bytes]]:
        second = await broker.connect(brokered, redeliver_after=30)
        for n in range(20):
            await first.publish(stream, b"%d" % n, headers={})
        taken: tuple[set[bytes], set[bytes]] = (set(), set())
        while len(taken[0] | taken[1]) < 20:
            for connection, bodies in zip((first, second), taken, strict=True):
                messages = await connection.fetch(stream, 5, wait=0.5)
                bodies |= {message.body for message in messages}
                await connection.ack(messages)
        await second.close()
        return taken

    first, second = using(brokered, use)
    assert first & second == set()
    assert len(first | second) == 20


def test_a_wrong_password_and_a_broker_that_is_away_are_different_errors(brokered: Settings) -> None:
    async def nothing(connection: Broker) -> None:
        """Connecting is enough."""

    right = brokered.broker
    wrong = f"{right.scheme}://{right.user}:wrong@{right.host}:{right.port}"
    with pytest.raises(BrokerRefusedError):
        using(brokered.model_copy(update={"broker_url": SecretStr(wrong)}), nothing)
    away = f"{right.scheme}://{right.user}:wrong@{right.host}:1"
    with pytest.raises(BrokerAwayError):
        using(brokered.model_copy(update={"broker_url": SecretStr(away)}), nothing)


def test_a_message_of_64_mb_is_refused_by_jetstream_and_the_connection_lives_on(
    streaming: Settings, new_stream: Callable[[], str]
) -> None:
    stream = new_stream()

    async def use(connection: Broker) -> int:
        with pytest.raises(MessageTooLargeError):
            await connection.publish(stream, b"x" * 64_000_000, headers={})
        await connection.publish(stream, b"small", headers={})
        return (await connection.backlog(stream)).messages

    assert using(streaming, use) == 1


def test_a_full_broker_confirms_nothing_and_takes_messages_again_once_it_has_room(
    streaming: Settings, new_stream: Callable[[], str]
) -> None:
    stream = new_stream()

    async def use() -> int:
        connection = await NatsBroker.connect(streaming.broker, redeliver_after=30, stream_bytes=100_000)
        for _ in range(4):
            await connection.publish(stream, b"x" * 20_000, headers={})
        with pytest.raises(BrokerFullError):
            await connection.publish(stream, b"x" * 20_000, headers={})
        kept = (await connection.backlog(stream)).messages
        await connection.ack(await connection.fetch(stream, 1, wait=60))
        await connection.publish(stream, b"y" * 10_000, headers={})
        await connection.close()
        return kept

    assert asyncio.run(use()) == 4
