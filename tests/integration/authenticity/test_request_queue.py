"""Scoring by requests: at least once, idempotent, and no work done twice, over the embedded broker."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import psycopg
import pytest

from stir.authenticity import job, request_queue
from stir.authenticity.request_queue import MOST_DELIVERIES, Score, Worker
from stir.authenticity.runs import Runs
from stir.ingest import broker
from stir.ingest.broker import Broker
from stir.local import ensure_services
from stir.settings import Settings, load_settings

from .conftest import Written


@pytest.fixture
def streaming(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The tests' services with the embedded broker, and a stream that nobody has used."""
    monkeypatch.setattr(request_queue, "STREAM", f"test-{uuid.uuid4().hex[:12]}")
    return ensure_services(load_settings(), ["broker"])


def using(settings: Settings, use: Callable[[Broker], Awaitable[Any]]) -> Any:
    """The result of `use` with a connection of its own."""

    async def connected() -> Any:
        connection = await broker.connect(settings, redeliver_after=1)
        try:
            return await use(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


async def asked_and_worked(settings: Settings, creators: Sequence[str], score: Score, workers: int = 1) -> int:
    """Ask for creators, run workers until no request waits, and return the acknowledged messages."""
    connected = [await broker.connect(settings, redeliver_after=30) for _ in range(workers)]
    try:
        await request_queue.ask(connected[0], creators)
        found = [Worker(settings, each, score=score, again=0.2) for each in connected]
        await asyncio.gather(*(each.run(once=True) for each in found))
        return sum(each.done for each in found)
    finally:
        for each in connected:
            await each.close()


def test_two_workers_answer_every_request_and_score_nobody_twice(written: Written, streaming: Settings) -> None:
    few = sorted(job.plan(written.settings).creators, key=lambda each: each.sample)[:6]
    creators = [each.creator_id for each in few]
    request_queue.AT_ONCE, at_once = 2, request_queue.AT_ONCE
    try:
        done = asyncio.run(asked_and_worked(streaming, [*creators, *creators], request_queue.score, workers=2))
    finally:
        request_queue.AT_ONCE = at_once

    assert done == 12, "a repetition is answered, too"
    assert written.inserted() == sum(each.unscored for each in few), "two workers never score the same follower"
    assert written.rows()[1][0] == 6
    whole = written.rows()
    assert asyncio.run(asked_and_worked(streaming, creators, request_queue.score)) == 6
    assert written.rows() == whole
    assert written.inserted() == whole[0][0], "what has a score is not scored again"


def test_a_request_waits_while_another_worker_holds_its_creator(
    written: Written, creator: str, streaming: Settings
) -> None:
    with Runs.open(streaming) as runs, runs.held([creator]):
        assert request_queue.score(streaming, [creator]) == {creator}
    assert written.inserted() == 0
    assert request_queue.score(streaming, [creator, "nobody"]) == set()


def _killed(settings: Settings) -> None:
    def score(settings: Settings, creators: Sequence[str]) -> set[str]:
        def reached(boundary: str) -> None:
            if boundary == "noted":
                os.kill(os.getpid(), signal.SIGKILL)

        job.run(settings, creators=creators, reached=reached)
        return set()

    async def work(connection: Broker) -> None:
        await Worker(settings, connection, score=score).run()

    using(settings, work)


def test_what_a_killed_worker_held_is_scored_by_the_next(written: Written, creator: str, streaming: Settings) -> None:
    job.run(streaming, creators=[creator])
    whole = written.rows()
    written.forget()
    using(streaming, lambda connection: request_queue.ask(connection, [creator]))
    process = multiprocessing.get_context("fork").Process(target=_killed, args=(streaming,))
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL
    assert written.rows()[0] == whole[0]
    assert written.rows()[1][0] == 0, "killed before the share"

    async def work(connection: Broker) -> int:
        worker = Worker(streaming, connection, again=0.2)
        await worker.run(once=True)
        return worker.done

    assert using(streaming, work) == 1
    assert written.rows() == whole


def test_what_cannot_be_scored_is_put_aside_and_takes_no_other_along(streaming: Settings) -> None:
    calls: list[str] = []
    isolated: list[str] = []

    def score(_: Settings, creators: Sequence[str]) -> set[str]:
        calls.extend(creators)
        isolated.extend(creators if len(creators) == 1 else ())
        if "bad" in creators:
            raise RuntimeError("no such sample")
        if "away" in creators and calls.count("away") < MOST_DELIVERIES + 4:
            raise psycopg.OperationalError("connection refused")
        return set()

    async def send(connection: Broker) -> None:
        await connection.publish(request_queue.STREAM, b"no request", headers={})

    using(streaming, send)
    assert asyncio.run(asked_and_worked(streaming, ["1", "bad", "away", "2"], score)) == 3
    assert isolated.count("bad") == MOST_DELIVERIES, "by itself at each delivery until it is put aside"
    assert calls.count("bad") > isolated.count("bad"), "and at first with the others"
    assert calls.count("away") >= MOST_DELIVERIES + 4, "a server that is away puts nothing aside"
