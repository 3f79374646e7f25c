"""A day of tracked profiles, played through: the DAGs' own specs and plan, the real workers and the real limits in
PostgreSQL, under a clock that jumps. In memory are the queue and the platforms, which answer everything after a while.
"""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from croniter import croniter

from bench.contenders.day_queue import Answered, Bound, Day, MemoryDesk, MemoryQueue
from bench.contenders.virtual_time import run_at_once
from stir import connections
from stir.collector import credentials
from stir.collector.desk import Desk
from stir.collector.limits import SharedBudget
from stir.collector.pacific import next_midnight
from stir.collector.protocol import Budget, Charge, Complete, Later, Outcome, Sink, Task
from stir.collector.session import Session
from stir.collector.worker import Worker
from stir.database import BEAT, COLLECTOR, apply
from stir.scrape_queue.flows import FLOWS
from stir.settings import PROJECT_DIR, Settings
from stir.triggers.plan import Capacity, plan
from stir.triggers.spec import TriggerSpec

if TYPE_CHECKING:
    import psycopg

BEGIN = next_midnight(datetime.fromisoformat("2026-06-15T12:00:00+00:00"))
"""A midnight in California, so that the simulated day is one day of quotas."""
HOURS = 24
COOL_DOWN = 86_400
DAGS = (
    "youtube/sync_youtube_profiles_by_channel",
    "youtube/sync_youtube_videos_by_channel",
    "instagram/sync_instagram_profiles_by_handle",
)
COSTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "refresh_yt_profiles": (("youtube", "common"),),
    "refresh_yt_posts_by_playlist_id": (("youtube", "common"), ("youtube", "stats")),
    "refresh_profile_by_handle": (("instagram", "platform"),),
}
"""Flow to the source and bucket of each of its calls. `bench collect` measures the same units with the real flows."""


@dataclass(frozen=True)
class Asks:
    """A flow that charges what the real one does, and whose platform answers after a while."""

    name: str
    merge: int
    seconds: float

    async def run(self, tasks: Sequence[Task], budget: Budget, sink: Sink) -> Mapping[int, Outcome]:
        """Charge and wait for each call."""
        priority = tasks[0].priority
        for source, bucket in COSTS[self.name]:
            try:
                await budget.take(Charge(source=source, bucket=bucket), priority, stays=True)
            except Later:
                if bucket != "stats":
                    raise
                # As the real flow: counters that the bucket of batchGetStats does not give come from videos.list.
                await budget.take(Charge(source=source, bucket="common"), priority)
            await asyncio.sleep(self.seconds)
        return {task.request_id: Complete(1, "simulated") for task in tasks}


class _Direct:
    """A session without a thread: the clock stands still while PostgreSQL answers."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    async def run(self, act: Callable[[psycopg.Connection], Any]) -> Any:
        return act(self._connection)


class DayBudget(SharedBudget):
    """The real budget. It notes what binds, and does not repeat a question whose answer PostgreSQL has given: until
    `ready_at` an equal charge is refused, because limits are only used up and nobody else gives credentials back.
    """

    bounds: dict[str, Bound]
    refused: dict[str, dict[str, Any]]

    async def _take_all(self, asked: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        moment = cast(datetime, self._now())
        found: list[dict[str, Any]] = []
        for alike, group in _alike(asked):
            refused = self.refused.get(alike)
            if refused is not None and datetime.fromisoformat(refused["ready_at"]) <= moment:
                refused = None
            answers: list[dict[str, Any]] = []
            while refused is None and len(answers) < len(group):
                # Twice as many each time, because the first refusal holds for all that follow.
                answers += await super()._take_all(group[len(answers) : 2 * len(answers) + 1])
                refused = next((each for each in answers if not each["granted"]), None)
            if refused is not None:
                self.refused[alike] = refused
                answers += [{**refused, "moment": moment.isoformat()}] * (len(group) - len(answers))
            for each in answers:
                if not each["granted"]:
                    bound = self.bounds.setdefault(f"{group[0]['source']}: {each['limit']}", Bound())
                    bound.note(moment, datetime.fromisoformat(each["ready_at"]))
            found += answers
        return found


def _alike(asked: Sequence[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Neighbours that are equal, in order."""
    group: list[dict[str, Any]] = []
    for each in asked:
        if group and each != group[0]:
            yield json.dumps(group[0], sort_keys=True), group
            group = []
        group.append(each)
    if group:
        yield json.dumps(group[0], sort_keys=True), group


@dataclass(frozen=True)
class Trigger:
    """A trigger as its DAG's file declares it."""

    spec: TriggerSpec
    schedule: str


def declared() -> list[Trigger]:
    """The triggers of profiles and uploads."""
    dags = [runpy.run_path(str(PROJECT_DIR / "dags" / f"{name}.py"))["dag"] for name in DAGS]
    return [Trigger(dag.get_task("enqueue").spec, dag.schedule) for dag in dags]


async def fire(trigger: Trigger, queue: MemoryQueue, day: Day, now: Callable[[], datetime]) -> None:
    """Request what is due at each tick, as `stir.triggers.run` does with the queue and the warehouse."""
    spec = trigger.spec
    flow, found = FLOWS[spec.flow], day.flows[spec.flow]
    names = [f"{spec.flow}-{number}" for number in range(found.tracked)]
    ticks = croniter(trigger.schedule, BEGIN)
    while True:
        tick = ticks.get_next(datetime)
        await asyncio.sleep((tick - now()).total_seconds())
        queue.expire(spec.flow)
        due = (
            {"entity": name, "priority": 0, "cool_down_seconds": COOL_DOWN, "playlist_id": name}
            for name in names
            if name not in found.answered
        )
        room = flow.depth - queue.waiting(spec.flow)
        planned = plan(
            spec,
            due,
            asked=queue.asked[spec.flow],
            quarantines={},
            capacity=Capacity(requests=room),
            moment=now(),
        )
        queue.add(planned.requests, spec)
        after = ticks.get_next(datetime)
        ticks.get_prev(datetime)
        if planned.capped:
            day.bounds.setdefault(f"queue: {flow.depth:,} requests of {spec.flow}", Bound()).note(now(), after)
        elif planned.candidates - planned.asked == spec.limit:
            day.bounds.setdefault(f"trigger: {spec.limit:,} of {spec.flow} in a run", Bound()).note(now(), after)


class Nowhere:
    """Records are not part of this simulation."""

    async def publish(self, stream: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep nothing."""


@dataclass(frozen=True)
class Shape:
    """What is simulated.

    Attributes:
        profiles: half of them are channels, half of them profiles of Instagram.
        keys: Google projects, and connected Instagram users.
        seconds: until a platform answers.
    """

    profiles: int
    keys: int
    processes: int = 2
    concurrency: int = 16
    seconds: float = 0.05


async def _played(connection: psycopg.Connection, settings: Settings, shape: Shape) -> Day:
    loop = asyncio.get_running_loop()

    def now() -> datetime:
        return BEGIN + timedelta(seconds=loop.time())

    triggers = declared()
    day = Day({trigger.spec.flow: Answered(shape.profiles // 2) for trigger in triggers}, {})
    queue = MemoryQueue(now, day)
    session = cast(Session, _Direct(connection))
    budget = DayBudget(session, credentials.vault(settings), now=now, sleep=asyncio.sleep)
    budget.bounds, budget.refused = day.bounds, {}
    flows = {name: Asks(name, 50 if FLOWS[name].batch > 1 else 1, shape.seconds) for name in COSTS}
    desk = cast(Desk, MemoryDesk(queue, {name: flow.merge for name, flow in flows.items()}))
    worker = partial(Worker, desk, flows, budget, Nowhere(), concurrency=shape.concurrency)
    workers = [worker(waiting=budget.waiting, now=now) for _ in range(shape.processes)]
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    tasks += [asyncio.create_task(fire(trigger, queue, day, now)) for trigger in triggers]
    await asyncio.wait(tasks, timeout=HOURS * 3600, return_when=asyncio.FIRST_EXCEPTION)
    for task in tasks:
        if task.done():
            task.result()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for each in left:
        each.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return day


def play(settings: Settings, shape: Shape) -> Day:
    """The day. The collector's tables are empty before and after it."""
    tables = "collector.credential, collector.rate, collector.quota, collector.closed_bucket"
    with connections.beat(settings, autocommit=True) as connection:
        apply(connection, BEAT)
        apply(connection, COLLECTOR)
        connection.execute("set synchronous_commit = off")
        connection.execute(f"truncate {tables}".encode())
        safe = credentials.vault(settings)
        for source in ("youtube", "instagram"):
            for number in map(str, range(shape.keys)):
                credentials.add(connection, safe, credentials.New(source, number, f"secret-{number}", number, number))
        try:
            return run_at_once(_played(connection, settings, shape))
        finally:
            connection.execute(f"truncate {tables}".encode())
