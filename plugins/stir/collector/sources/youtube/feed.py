"""YouTube's feeds: the 15 newest videos of a channel, for nothing. A hint and never evidence: feeds are down for days
with 404 and 500 for channels that exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from stir.collector.chain import Asking, Pass, Result
from stir.collector.faults import AnsweredError, Fault, Kind
from stir.collector.http import Answer, BrokenAnswerError, Request
from stir.collector.protocol import Charge, Credential, Task, Usage
from stir.collector.reading import count, moment
from stir.collector.records import Found
from stir.collector.settings import CollectorSettings
from stir.collector.sources.youtube.parse import Video

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SOURCE, EVENTS = "youtube_rss", "ytrss"
_NAMES = {
    "atom": "http://www.w3.org/2005/Atom",
    "yt": "http://www.youtube.com/xml/schemas/2015",
    "media": "http://search.yahoo.com/mrss/",
}


@dataclass(frozen=True)
class Feed:
    """The feed of a channel: its id with "UC", which the head of the feed lacks, and its videos."""

    channel: str
    videos: list[Video]


def parse(body: bytes) -> Feed:
    """Read a feed. Entries without a video id are left out.

    Raises:
        BrokenAnswerError: it is no feed, such as a page of HTML under status 200.
    """
    try:
        root: Element = ElementTree.fromstring(body.decode("utf-8", "replace"), forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        raise BrokenAnswerError("the answer is no feed") from None
    if root.tag != f"{{{_NAMES['atom']}}}feed":
        raise BrokenAnswerError("the answer is no feed")
    head = _text(root, "yt:channelId")
    return Feed(
        head if not head or head.startswith("UC") else f"UC{head}",
        [_video(entry) for entry in root.findall("atom:entry", _NAMES) if _text(entry, "yt:videoId")],
    )


class FeedRules:
    """Every status but 200 is an outage: the feed cannot say that a channel is gone."""

    def fault(self, answer: Answer) -> Fault | None:
        """The fault of an answer."""
        if answer.status == 404:
            return Fault(Kind.STRANGER, "the feed answers 404, which says nothing of the channel")
        if answer.status != 200:
            return Fault(Kind.HICCUP, f"the feed answers {answer.status}", answer.retry_after())
        parse(answer.body)
        return None

    def usage(self, answer: Answer) -> Usage | None:
        """Feeds say nothing of limits."""
        return None


class FeedUploads:
    """The newest uploads by the feed, where the playlist cannot be asked. It shows views and likes, and no comments."""

    source = SOURCE

    def __init__(self, settings: CollectorSettings) -> None:
        self._url = settings.youtube_rss_url

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The newest uploads of each channel."""
        return {task.request_id: await self._uploads(task, asking) for task in tasks}

    async def _uploads(self, task: Task, asking: Asking) -> Result:
        (channel,) = task.entities

        def build(credential: Credential) -> Request:
            return Request(url=self._url, params={"channel_id": channel})

        try:
            answer = await asking.calls.ask(Charge(source=SOURCE, bucket="feed", entity=channel), FeedRules(), build)
        except AnsweredError as error:
            return Pass(error.fault.reason)
        feed = parse(answer.body)
        if feed.channel and feed.channel != channel:
            return Pass("the feed is that of another channel")
        found, reading = Found(EVENTS, complete=False, notes=["a feed shows the 15 newest only"]), asking.reading(task)
        for video in feed.videos:
            metrics: dict[str, Any] = {"view_count": video.views, "likes": video.likes}
            if video.views is not None or video.likes is not None:
                event = reading.post(EVENTS, "YOUTUBE", channel, channel, video.id, video.published_at, metrics)
                found.records.append(event)
        return found


def _video(entry: Element) -> Video:
    community = entry.find("media:group/media:community", _NAMES)
    views = community.find("media:statistics", _NAMES) if community is not None else None
    stars = community.find("media:starRating", _NAMES) if community is not None else None
    return Video(
        id=_text(entry, "yt:videoId"),
        channel=_text(entry, "yt:channelId") or None,
        views=count(views.get("views")) if views is not None else None,
        likes=count(stars.get("count")) if stars is not None else None,
        published_at=moment(_text(entry, "atom:published")),
        details={"title": title} if (title := _text(entry, "atom:title")) else {},
    )


def _text(element: Element, path: str) -> str:
    found = element.find(path, _NAMES)
    return (found.text or "").strip() if found is not None else ""
