"""A channel's feed of its 15 newest videos, as YouTube writes it: the id in the feed's head lacks its "UC"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from stir.world.standins.server import Ask, Reply
from stir.world.standins.youtube import Contents
from stir.world.standins.youtube_documents import Video, time_of

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
    ' xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">'
)
NEWEST = 15


def feed(channel: str, videos: Sequence[Video]) -> str:
    """The feed."""
    entries = "".join(_entry(video) for video in videos[:NEWEST])
    return f"{_HEAD}<yt:channelId>{channel.removeprefix('UC')}</yt:channelId><title>Channel</title>{entries}</feed>"


@dataclass
class FeedStandIn:
    """The server of feeds."""

    contents: Contents
    is_down: Callable[[], bool] = lambda: False

    def __call__(self, ask: Ask) -> Reply:
        """The feed of a channel."""
        channel = ask.params.get("channel_id", "")
        newest = [video.id for video in self.contents.uploads(channel)[:NEWEST] if not video.is_private]
        videos = list(self.contents.videos(newest).values())
        if self.is_down() or not videos:
            return Reply("Not Found", 404, {"content-type": "text/html"})
        return Reply(feed(channel, videos), headers={"content-type": "text/xml; charset=UTF-8"})


def _entry(video: Video) -> str:
    stars = (
        f'<media:starRating count="{video.likes}" average="5.00" min="1" max="5"/>' if video.likes is not None else ""
    )
    return (
        f"<entry><id>yt:video:{video.id}</id><yt:videoId>{video.id}</yt:videoId>"
        f"<yt:channelId>{video.channel}</yt:channelId><title>{escape(video.title)}</title>"
        f"<published>{time_of(video.published_at)}</published><updated>{time_of(video.published_at)}</updated>"
        f"<media:group><media:title>{escape(video.title)}</media:title><media:community>{stars}"
        f'<media:statistics views="{video.views}"/></media:community></media:group></entry>'
    )
