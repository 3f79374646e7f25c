"""Which uploads a channel has, and the feed as a hint that saves the question.

The playlist costs a unit, the feed nothing. Once the playlist was read, a feed that shows no new video on the same
Pacific day says that the list has not grown. It never says that a video is gone: the counters do, which are asked for
anyway. What the feed cannot show, such as an old video made public, waits for the next day's first reading.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from stir.collector.calls import Calls
from stir.collector.http import Answer, BrokenAnswerError, Request
from stir.collector.pacific import pacific_day
from stir.collector.protocol import Charge, Credential
from stir.collector.sources.youtube.feed import SOURCE as FEED
from stir.collector.sources.youtube.feed import parse

_KEPT = 5_000
"""Lists of a process; of more channels the oldest are forgotten, and cost a unit again."""


@dataclass(frozen=True)
class _Listed:
    day: date
    most: int
    ids: tuple[str, ...]
    """The videos that were shown."""
    all: frozenset[str]
    """Those and the private and deleted ones."""


class Listings:
    """What playlists showed, in one process.

    Args:
        feed_url: address of the feeds.
    """

    def __init__(self, feed_url: str) -> None:
        self._url = feed_url
        self._listed: OrderedDict[str, _Listed] = OrderedDict()

    def keep(self, calls: Calls, channel: str, most: int, ids: Sequence[str], hidden: Sequence[str]) -> None:
        """Remember a playlist that was read to its end or to `most` entries."""
        self._listed[channel] = _Listed(pacific_day(calls.clock()), most, tuple(ids), frozenset([*ids, *hidden]))
        self._listed.move_to_end(channel)
        if len(self._listed) > _KEPT:
            self._listed.popitem(last=False)

    async def unchanged(self, calls: Calls, channel: str, most: int) -> tuple[str, ...] | None:
        """The videos of the list that was read today, if the feed shows no other; else None: ask for the playlist."""
        listed = self._listed.get(channel)
        if listed is None or listed.day != pacific_day(calls.clock()) or listed.most != most:
            return None
        shown = await self._shown(calls, channel)
        return listed.ids if shown and shown <= listed.all else None

    async def _shown(self, calls: Calls, channel: str) -> frozenset[str]:
        """The videos of the feed; none if it is down, or that of another channel."""

        def build(credential: Credential) -> Request:
            return Request(url=self._url, params={"channel_id": channel})

        try:
            answer: Answer | None = await calls.glance(Charge(source=FEED, bucket="feed", entity=channel), build)
            found = parse(answer.body) if answer and answer.status == 200 else None
        except BrokenAnswerError:
            return frozenset()
        is_own = found is not None and found.channel in ("", channel)
        return frozenset(video.id for video in found.videos) if found and is_own else frozenset()
