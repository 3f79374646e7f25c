"""What the tests of the collector share: a platform in memory, a budget and a sink that remember."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from stir.collector.flows import flow_table
from stir.collector.http import Http
from stir.collector.protocol import (
    Charge,
    Credential,
    Later,
    NoCredential,
    Outcome,
    Task,
    Usage,
)
from stir.collector.settings import CollectorSettings
from stir.collector.stored import Stored
from stir.errors import StirError
from stir.ingest.quarantine import Item
from stir.ingest.records import checker
from stir.ingest.streams import stream
from stir.scrape_queue.flows import FLOWS
from stir.settings import Settings
from stir.world.standins.server import Ask, StandIn
from stir.world.standins.youtube_documents import Channel, Comment, Video

NOW = datetime(2026, 6, 15, 12, 0, 30, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:1"


@dataclass
class Budget:
    """Grants every charge a credential of its source, in turn, until the test says otherwise."""

    credentials: list[Credential]
    charges: list[Charge] = field(default_factory=list)
    used: list[Credential] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)
    rested: dict[int, tuple[datetime, str]] = field(default_factory=dict)
    disabled: dict[int, str] = field(default_factory=dict)
    closed: dict[tuple[str, str, str], datetime] = field(default_factory=dict)

    async def take(self, charge: Charge, priority: int, *, stays: bool = False) -> Credential:
        """The first credential of the source that may be used."""
        if charge.source in ("youtube_rss", "media"):
            self.charges.append(charge)
            return Credential(id=0, source=charge.source)
        fit = [each for each in self.credentials if each.source == charge.source and each.id not in self.disabled]
        if charge.account:
            fit = [each for each in fit if each.account == charge.account]
        if not fit:
            raise NoCredential(charge.source, "no credential")
        awake = [each for each in fit if each.id not in self.rested]
        if not awake:
            raise NoCredential(charge.source, "all rest", min(self.rested[each.id][0] for each in fit))
        for each in awake:
            if (charge.source, charge.bucket, each.project) not in self.closed:
                self.charges.append(charge)
                self.used.append(each)
                return each
        raise Later(min(self.closed.values()), f"{charge.bucket} is used up")

    async def learned(self, credential: Credential, usage: Usage) -> None:
        """Note it."""
        self.usages.append(usage)

    async def rest(self, credential: Credential, until: datetime, reason: str) -> None:
        """Note it."""
        self.rested[credential.id] = (until, reason)

    async def disable(self, credential: Credential, reason: str) -> None:
        """Note it."""
        self.disabled[credential.id] = reason

    async def close(self, source: str, bucket: str, project: str, until: datetime, reason: str) -> None:
        """Note it."""
        self.closed[source, bucket, project] = until

    async def belongs(self, credential: Credential, project: str) -> None:
        """Move the key to its project."""
        self.credentials = [
            replace(each, project=project) if each.id == credential.id else each for each in self.credentials
        ]

    def units(self, bucket: str) -> int:
        """Units that were charged to a bucket."""
        return sum(charge.units for charge in self.charges if charge.bucket == bucket)


@dataclass
class Sink:
    """Keeps records by stream; or is away."""

    streams: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    away: bool = False

    async def publish(self, stream: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep them."""
        if self.away:
            raise StirError("the broker has not taken the records")
        self.streams.setdefault(stream, []).extend(records)


@dataclass
class Known:
    """Rows by table, as they stand."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    away: bool = False

    async def rows(
        self, table: str, column: str, values: Collection[str], *, source: str = ""
    ) -> Mapping[str, dict[str, Any]]:
        """The rows of these values."""
        if self.away:
            raise StirError("ClickHouse does not answer")
        fit = [row for row in self.tables.get(table, ()) if not source or row.get("source") == source]
        return {row[column]: row for row in fit if row.get(column) in values}


class Platform:
    """Channels, videos and comments in memory; the newest uploads stand first."""

    def __init__(self, channels: Iterable[Channel] = (), videos: Iterable[Video] = ()) -> None:
        self.all_channels = {channel.id: channel for channel in channels}
        self.all_videos = {video.id: video for video in videos}
        self.all_comments: dict[str, list[Comment] | None] = {}

    def channels(self, ids: Sequence[str]) -> Mapping[str, Channel]:
        """Those that exist."""
        return {each: self.all_channels[each] for each in ids if each in self.all_channels}

    def channel_of_handle(self, handle: str) -> Channel | None:
        """The channel with this handle."""
        return next((each for each in self.all_channels.values() if each.handle.lower() == handle.lower()), None)

    def uploads(self, channel: str) -> Sequence[Video]:
        """The channel's videos, in the order in which they were given."""
        return [video for video in self.all_videos.values() if video.channel == channel]

    def videos(self, ids: Sequence[str]) -> Mapping[str, Video]:
        """Those that exist."""
        return {each: self.all_videos[each] for each in ids if each in self.all_videos}

    def comments(self, video: str) -> Sequence[Comment] | None:
        """The comments of a video."""
        return self.all_comments.get(video, [])


@dataclass
class Run:
    """A flow that was run: outcomes by request, records by stream, and what the budget was asked."""

    outcomes: Mapping[int, Outcome]
    streams: Mapping[str, list[Mapping[str, Any]]]
    budget: Budget
    slept: list[float]
    asked: list[Ask] = field(default_factory=list)
    quarantined: list[Item] = field(default_factory=list)
    kept: list[tuple[str, bytes, str]] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """The only outcome."""
        (only,) = self.outcomes.values()
        return only

    def events(self, stream: str) -> dict[str, Mapping[str, Any]]:
        """The events of a stream by what they are about."""
        return {each.get("shortcode") or each["profile_id"]: each for each in self.streams.get(stream, ())}


def conforms(found: Run) -> None:
    """Every record keeps the contract of its stream."""
    for name, records in found.streams.items():
        judge = checker(stream(name).table)
        for record in records:
            verdict = judge.check_bytes(json.dumps(record).encode(), NOW + timedelta(minutes=1))
            assert verdict.row is not None, (name, verdict.violations)
            assert not verdict.violations, (name, verdict.violations)


def task(flow: str, *entities: str, request: int = 1, priority: int = 5, **params: Any) -> Task:
    """A request of the flow."""
    known = FLOWS[flow]
    value = list(entities) if known.batch > 1 else entities[0]
    return Task(
        request_id=request,
        flow=flow,
        platform=known.platform,
        entities=entities,
        params={known.entity: value, **params},
        priority=priority,
    )


def key(number: int = 1, project: str = "p1", source: str = "youtube", **more: Any) -> Credential:
    """A credential."""
    return Credential(id=number, source=source, project=project, secret=f"secret-{number}", **more)


async def run(
    urls: Mapping[str, str],
    *tasks: Task,
    budget: Budget | None = None,
    known: Stored | None = None,
    sink: Sink | None = None,
    now: datetime = NOW,
    most_bytes: int = 32_000_000,
    seconds: float = 0.5,
    is_past: bool = False,
    **settings: Any,
) -> Run:
    """Run the flow of the requests against servers; `urls` has the addresses of sources, all others lead nowhere."""
    fields = [name for name in CollectorSettings.model_fields if name.endswith("_url")]
    addresses: dict[str, Any] = {name: urls.get(name.removesuffix("_url"), NOWHERE) for name in fields}
    collector = CollectorSettings(_env_file=None, **addresses, **settings)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    found = Run({}, {}, budget or Budget([key()]), slept)

    async def set_aside(items: Sequence[Item]) -> None:
        found.quarantined.extend(items)

    def keep(place: str, content: bytes, kind: str) -> str:
        found.kept.append((place, content, kind))
        return f"s3://bucket/{place}"

    sink = sink or Sink()
    http = Http(most_bytes=most_bytes, seconds=seconds)
    table = flow_table(
        Settings(_env_file=None, as_of=now.isoformat() if is_past else None),
        collector=collector,
        stored=known or Known(),
        now=lambda: now,
        http=http,
        sleep=sleep,
        keep=keep,
        set_aside=set_aside,
    )
    try:
        found.outcomes = await table[tasks[0].flow].run(tasks, found.budget, sink)
    finally:
        await http.close()
    found.streams = sink.streams
    return found


@asynccontextmanager
async def served(answer: Callable[..., Any], source: str) -> AsyncIterator[tuple[StandIn, dict[str, str]]]:
    """A stand-in that listens, and the addresses with it as the source's."""
    async with StandIn(answer) as server:
        yield server, {source: server.url}


def wait(work: Coroutine[Any, Any, Run]) -> Run:
    """Run it to its end."""
    return asyncio.run(work)
