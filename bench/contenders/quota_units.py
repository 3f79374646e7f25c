"""Counts the quota units that a day of tracked channels costs, with the real flows against YouTube as documented."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stir.collector.flows import flow_table
from stir.collector.protocol import Charge, Complete, Credential, Flow, Task, Usage
from stir.collector.settings import CollectorSettings
from stir.ingest.streams import stream as stream_named
from stir.scrape_queue.flows import FLOWS
from stir.settings import Settings
from stir.world.standins.server import StandIn
from stir.world.standins.youtube import YouTubeStandIn
from stir.world.standins.youtube_documents import Channel, Comment, Video


@dataclass
class Counting:
    """A budget that grants everything and counts the units of each bucket."""

    units: Counter[str] = field(default_factory=Counter)

    async def take(self, charge: Charge, priority: int, *, stays: bool = False) -> Credential:
        """Count it."""
        self.units[charge.bucket] += charge.units
        return Credential(id=1, source=charge.source, project="1", secret="bench")  # noqa: S106 - of a stand-in

    async def learned(self, credential: Credential, usage: Usage) -> None:
        """Nothing to learn of a stand-in."""

    async def rest(self, credential: Credential, until: datetime, reason: str) -> None:
        """A stand-in without limits rests nobody."""
        raise RuntimeError(reason)

    async def disable(self, credential: Credential, reason: str) -> None:
        """A stand-in that takes every key turns none off."""
        raise RuntimeError(reason)

    async def close(self, source: str, bucket: str, project: str, until: datetime, reason: str) -> None:
        """A stand-in with large quotas closes nothing."""
        raise RuntimeError(reason)

    async def belongs(self, credential: Credential, project: str) -> None:
        """A stand-in names no project."""
        raise RuntimeError(project)


@dataclass
class Kept:
    """A sink that keeps the newest record of each key, and shows them as the warehouse would on the next day."""

    tables: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    async def publish(self, stream: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep rows of tables; events are not asked for again."""
        held = self.tables.setdefault(stream_named(stream).table, {})
        for record in records:
            for key in ("shortcode", "channel_id"):
                if isinstance(record.get(key), str):
                    held[f"{key}={record[key]}"] = dict(record)

    async def rows(
        self, table: str, column: str, values: Collection[str], *, source: str = ""
    ) -> Mapping[str, dict[str, Any]]:
        """What is kept."""
        held = self.tables.get(table, {})
        return {value: held[f"{column}={value}"] for value in values if f"{column}={value}" in held}


class ManyChannels:
    """A platform of equal channels with so many videos each."""

    def __init__(self, channels: int, videos: int) -> None:
        self._channels = {each.id: each for each in (Channel(id=f"UC{n:022d}", videos=videos) for n in range(channels))}
        self._videos = videos

    def channels(self, ids: Sequence[str]) -> Mapping[str, Channel]:
        """Those that exist."""
        return {each: self._channels[each] for each in ids if each in self._channels}

    def channel_of_handle(self, handle: str) -> Channel | None:
        """Nobody has a handle here."""
        return None

    def uploads(self, channel: str) -> Sequence[Video]:
        """The channel's videos."""
        return [self._video(channel, number) for number in range(self._videos)]

    def videos(self, ids: Sequence[str]) -> Mapping[str, Video]:
        """Every video exists."""
        return {each: self._video(f"UC{int(each[:6]):022d}", int(each[6:])) for each in ids}

    def comments(self, video: str) -> Sequence[Comment] | None:
        """No comments."""
        return []

    @staticmethod
    def _video(channel: str, number: int) -> Video:
        return Video(id=f"{int(channel[2:]):06d}{number:05d}", channel=channel, views=number, likes=1, comments=1)


async def units_by_uploads(settings: Settings, channels: int, videos: int) -> Counter[str]:
    """Units of the second day, by the real flows: everything is known, so only counts are asked for."""
    platform, kept, counting = ManyChannels(channels, videos), Kept(), Counting()
    quotas = dict.fromkeys(("common", "search", "stats"), 10**9)
    async with StandIn(YouTubeStandIn(platform, keys={"bench": "1"}, quotas=quotas)) as server:
        known = CollectorSettings(youtube_url=f"{server.url}/youtube/v3", youtube_rss_url="http://127.0.0.1:1")
        for _ in range(2):
            counting.units.clear()
            flows = flow_table(settings, collector=known, stored=kept)
            for name in ("refresh_yt_profiles", "refresh_yt_posts_by_playlist_id"):
                await work(flows[name], [f"UC{n:022d}" for n in range(channels)], counting, kept)
    return counting.units


async def work(flow: Flow, entities: Sequence[str], budget: Counting, sink: Kept) -> None:
    """Every entity a request, in full calls, eight at once."""
    gate = asyncio.Semaphore(8)

    async def call(first: int) -> None:
        async with gate:
            tasks = [
                Task(
                    request_id=number,
                    flow=flow.name,
                    platform="YOUTUBE",
                    entities=(each,),
                    params=parameters(flow, each),
                )
                for number, each in enumerate(entities[first : first + flow.merge], first)
            ]
            for outcome in (await flow.run(tasks, budget, sink)).values():
                if not isinstance(outcome, Complete):
                    raise RuntimeError(f"{flow.name}: {outcome}")

    await asyncio.gather(*(call(first) for first in range(0, len(entities), flow.merge)))


def parameters(flow: Flow, entity: str) -> dict[str, Any]:
    """The parameters of a request for one entity."""
    rules = FLOWS[flow.name]
    return {rules.entity: [entity] if rules.batch > 1 else entity}
