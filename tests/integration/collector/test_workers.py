"""Worker processes on a real queue and a real server: each request is closed by itself, once, or goes back unharmed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from stir.collector import worker
from stir.collector.limit_rules import Limit
from stir.collector.limits import Source
from stir.collector.process import Orders, worker_of
from stir.collector.protocol import Budget, Charge, Complete, Outcome, Sink, Task
from stir.collector.service import Picture, Service
from stir.scrape_queue import queue
from stir.scrape_queue.flows import FLOWS
from stir.settings import Settings

from .local_source import SOURCES, URL, Seen, local_server, local_tools


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    """The server that the flows ask."""
    with local_server() as seen:
        monkeypatch.setenv(URL, seen.url)
        yield seen


@pytest.fixture
def present(settings: Settings) -> Settings:
    """The services, in the present."""
    return settings.model_copy(update={"as_of": None})


def ask(tables: psycopg.Connection, flow: str, *names: str, size: int = 1, priority: int = 5) -> None:
    """A request for each `size` names."""
    moment = datetime.now(UTC)
    single = FLOWS[flow].batch == 1
    batches = [names[first : first + size] for first in range(0, len(names), size)]
    requests = [
        queue.Request(
            key=f"{flow}:{batch[0]}",
            platform="YOUTUBE",
            flow=flow,
            params={FLOWS[flow].entity: batch[0] if single else list(batch)},
            priority=priority,
            expires_at=moment + timedelta(hours=1),
        )
        for batch in batches
    ]
    assert queue.enqueue(tables, requests, moment=moment) == len(batches)


def states(tables: psycopg.Connection) -> Counter[tuple[str, str]]:
    rows = tables.execute("select status, coalesce(data, '') from scrape_request_log").fetchall()
    return Counter((status, data) for status, data in rows)


def work(settings: Settings, **orders: Any) -> None:
    """One worker in this process, until nothing is due."""

    async def run() -> None:
        async with worker_of(settings, local_tools(settings), Orders(once=True, **orders)) as one:
            await one.run()

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(180):
        while not condition():
            await asyncio.sleep(0.05)


def test_requests_share_calls_of_fifty_and_each_is_closed_by_its_own_outcome(
    present: Settings, tables: psycopg.Connection, source: Seen
) -> None:
    ask(tables, "refresh_yt_profiles", *(f"{'gone' if n % 10 == 0 else 'UC'}-{n}" for n in range(120)))
    work(present, concurrency=3)
    assert sorted(map(len, source.calls)) == [20, 50, 50]
    assert states(tables) == {
        ("COMPLETE", '{"ok": true, "records": 1, "source": "local"}'): 108,
        ("FAILED", "(404) no such entity"): 12,
    }


def test_requests_of_forty_ids_travel_alone(present: Settings, tables: psycopg.Connection, source: Seen) -> None:
    ask(tables, "refresh_yt_profiles", *(f"UC-{n}" for n in range(130)), size=40)
    work(present, concurrency=4)
    assert sorted(map(len, source.calls)) == [40, 40, 50]


def test_what_a_limit_or_a_missing_broker_holds_up_goes_back_and_no_try_is_counted(
    present: Settings, tables: psycopg.Connection, source: Seen
) -> None:
    ask(tables, "refresh_yt_post_type", "limited-1", "unsent-1", "broken-1", "fine-1")
    work(present, concurrency=1)
    rows = tables.execute(
        "select params ->> 'post_id', status, retry_count, data, due_at > clock_timestamp() from scrape_request_log"
    ).fetchall()
    assert {name: row for name, *row in rows} == {
        "limited-1": ["PENDING", 0, "(429) the server has had enough", True],
        "unsent-1": ["PENDING", 0, "the broker has not taken the records", True],
        "broken-1": ["PENDING", 1, "(500) unexpected ValueError", True],
        "fine-1": ["COMPLETE", 0, '{"ok": true, "records": 1, "source": "local"}', None],
    }


def test_a_call_that_takes_too_long_is_ended(present: Settings, tables: psycopg.Connection, source: Seen) -> None:
    ask(tables, "refresh_yt_post_type", "slow-1", "fine-1")
    work(present, concurrency=2, longest=0.5)
    found = states(tables)
    assert found["PENDING", "(408) took longer than 0.5 s"] == 1, found


def test_an_announced_request_is_picked_without_waiting_for_the_next_look(
    present: Settings, tables: psycopg.Connection, source: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "FLOOR", 3600.0)

    async def run() -> None:
        async with worker_of(present, local_tools(present), Orders(concurrency=2)) as one:
            running = asyncio.create_task(one.run())
            await until(lambda: listening(tables))
            await asyncio.to_thread(ask, tables, "refresh_yt_post_type", "fine-1")
            await until(
                lambda: (
                    states(tables).total() == sum(states(tables)[key] for key in states(tables) if key[0] == "COMPLETE")
                )
            )
            one.stop()
            await running

    asyncio.run(run())
    assert source.entities == {"fine-1": 1}


@dataclass(frozen=True)
class ScarceFlow:
    """Asks for what may be had once in twenty seconds."""

    name: str
    stays: bool
    merge: int = 1

    async def run(self, tasks: Sequence[Task], budget: Budget, sink: Sink) -> Mapping[int, Outcome]:
        await budget.take(Charge(source="local", bucket="scarce"), tasks[0].priority, stays=self.stays)
        return {task.request_id: Complete(0, "local") for task in tasks}


@pytest.mark.parametrize(("stays", "places"), [(True, 1), (False, 2)])
def test_calls_that_wait_for_one_limit_take_a_quarter_of_the_places_or_one_and_others_go_on(
    present: Settings, tables: psycopg.Connection, source: Seen, stays: bool, places: int
) -> None:
    scarce, plain = "refresh_yt_profile_insights", local_tools(present)
    limits = {"scarce": (Limit(name="scarce", scope="source", count=1, seconds=20),), **SOURCES["local"].buckets}
    waits: list[float] = []
    for_ever = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await for_ever.wait()

    tools = replace(
        plain,
        flows={**plain.flows, scarce: ScarceFlow(scarce, stays)},
        sources={"local": Source(limits, needs_credential=False)},
        sleep=sleep,
    )

    async def run() -> None:
        async with worker_of(present, tools, Orders(concurrency=8, drain=0.1)) as one:
            running = asyncio.create_task(one.run())
            await asyncio.to_thread(ask, tables, scarce, "first", "second", "third", priority=1)
            await until(lambda: len(waits) == places)
            await asyncio.to_thread(ask, tables, scarce, *(f"more-{n}" for n in range(20)), priority=1)
            await asyncio.to_thread(ask, tables, "refresh_yt_post_type", *(f"v-{n}" for n in range(20)))
            await until(lambda: len(source.entities) == 20)
            if stays:
                # One of the first three got the call and one waits; nobody else goes round through the queue.
                assert one.tally.outcomes[scarce, "GivenBack"] == 1
            one.stop()
            await running

    asyncio.run(run())
    assert len(waits) == places
    left = tables.execute("select count(*) from scrape_request_log where status = 'PENDING' and retry_count = 0")
    assert left.fetchone() == (22,), "the scarce ones wait unharmed"


def listening(tables: psycopg.Connection) -> bool:
    row = tables.execute(
        "select count(*) from pg_stat_activity where application_name = 'stir collect listen' and query like 'listen%'"
    ).fetchone()
    return row == (1,)


def serve(settings: Settings, count: int, act: Callable[[Service], Any], **orders: Any) -> Picture:
    """A service of `count` processes while `act` runs, and what it says at its end."""

    async def run() -> Picture:
        service = Service(settings, local_tools, Orders(**orders), count)
        running = asyncio.create_task(service.run())
        acting = asyncio.create_task(act(service))
        await asyncio.wait((running, acting), return_when=asyncio.FIRST_COMPLETED)
        if acting.done():
            acting.result()
            service.stop()
        return await running

    return asyncio.run(run())


def test_at_the_end_calls_in_work_go_back_at_once(present: Settings, tables: psycopg.Connection, source: Seen) -> None:
    ask(tables, "refresh_yt_post_type", *(f"slow-{n}" for n in range(9)))

    async def act(service: Service) -> None:
        await asyncio.to_thread(source.arrived.wait, 180)
        await until(lambda: len(source.calls) >= 4)

    serve(present, 2, act, concurrency=2, drain=0.3)
    rows = tables.execute(
        "select status, retry_count, coalesce(due_at <= clock_timestamp(), true) from scrape_request_log"
    ).fetchall()
    assert Counter(rows) == {("PENDING", 0, True): 9}


def test_two_generations_at_once_answer_each_request_once_and_a_killed_process_is_started_again(
    present: Settings, tables: psycopg.Connection, source: Seen
) -> None:
    ask(tables, "refresh_yt_profile_insights", *(f"UC-{n}" for n in range(200)))
    ask(tables, "refresh_yt_post_type", *(f"v-{n}" for n in range(40)), priority=6)
    killed: list[int] = []

    async def act(service: Service) -> None:
        other = Service(present, local_tools, Orders(concurrency=4), 1)
        beside = asyncio.create_task(other.run())
        await until(lambda: len(source.calls) > 30)
        victim = service._children[0].process.pid
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        killed.append(victim)

        def all_but_the_killed() -> bool:
            # What the killed process held waits for its lease.
            queue.reset_stuck(tables, moment=datetime.now(UTC), lease=timedelta(seconds=2))
            row = tables.execute("select count(*) from scrape_request_log where status <> 'COMPLETE'").fetchone()
            return row == (0,)

        await until(all_but_the_killed)
        other.stop()
        await beside
        text = service.metrics.page()[0].decode()
        assert "stir_collect_restarts_total 1.0" in text
        assert 'stir_collect_requests_total{flow="refresh_yt_profile_insights",outcome="Complete"}' in text

    serve(present, 2, act, concurrency=4)
    assert killed
    assert {status for status, _ in states(tables)} == {"COMPLETE"}
    assert set(source.entities) == {f"UC-{n}" for n in range(200)} | {f"v-{n}" for n in range(40)}
    twice = [name for name, count in source.entities.items() if count > 1]
    assert len(twice) <= 4, "only what the killed process had in work is asked again"


def test_a_worker_that_cannot_begin_says_why(tables: psycopg.Connection, present: Settings) -> None:
    from stir.errors import StirError

    async def act(service: Service) -> None:
        await asyncio.sleep(180)

    with pytest.raises(StirError, match="KeyError: 'STIR_TEST_SOURCE_URL'"):
        serve(present, 1, act, once=True)
