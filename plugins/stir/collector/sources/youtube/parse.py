"""Reads YouTube's answers. Pure: a document in, values out; what is absent stays None, unknown fields are listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from stir.collector.drift import Known, unknown
from stir.collector.paging import Page
from stir.collector.reading import compact, count, duration, flag, items, moment, part, text
from stir.collector.sources.youtube.known import CHANNEL, PICTURES, STATISTICS, VIDEO

SHORT = timedelta(minutes=3)
SHORT_BEFORE = timedelta(minutes=1)
"""The longest short, and the longest one that was uploaded before 15 October 2024."""
_LONGER_SINCE = datetime.fromisoformat("2024-10-15T00:00:00+00:00")


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel; `is_hidden` says that its subscribers are not shown, whatever number stands beside it."""

    id: str
    title: str | None = None
    description: str | None = None
    custom_url: str | None = None
    country: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    thumbnails: str | None = None
    thumbnail: str | None = None
    uploads_playlist: str | None = None
    subscribers: int | None = None
    views: int | None = None
    videos: int | None = None
    is_hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Video:
    """A video, or as much of it as a call shows: `batchGetStats` says neither channel nor title."""

    id: str
    channel: str | None = None
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    published_at: datetime | None = None
    duration: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    is_portrait: bool | None = None

    @property
    def kind(self) -> str | None:
        """`short` or `video`: a short is upright or square and at most three minutes long."""
        length = duration(self.duration)
        if length is None or self.is_portrait is None:
            return None
        early = self.published_at is not None and self.published_at < _LONGER_SINCE
        return "short" if self.is_portrait and length <= (SHORT_BEFORE if early else SHORT) else "video"


@dataclass(frozen=True)
class Upload:
    """An entry of a playlist; without a moment of publication it is a private or deleted video."""

    video: str
    published_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment or a reply."""

    id: str
    video: str
    author: str | None
    text: str | None
    likes: int | None
    at: datetime | None


def channels(document: Any) -> Page[Channel]:
    """The channels of `channels.list`."""
    return Page([_channel(each) for each in items(document) if text(each.get("id"))], "", _drift(document, CHANNEL))


def videos(document: Any) -> Page[Video]:
    """The videos of `videos.list`."""
    return Page([_video(each) for each in items(document) if text(each.get("id"))], "", _drift(document, VIDEO))


def statistics(document: Any) -> Page[Video]:
    """The videos of `videos:batchGetStats`, and the ids that it could not answer for."""
    found = [
        Video(
            id=each["id"],
            views=count(part(each, "statistics", "viewCount")),
            likes=count(part(each, "statistics", "likeCount")),
            comments=count(part(each, "statistics", "commentCount")),
            published_at=moment(part(each, "snippet", "publishTime")),
            duration=text(part(each, "contentDetails", "duration")),
        )
        for each in items(document)
        if text(each.get("id"))
    ]
    failed = part(document, "summary", "failedVideoIds")
    named = tuple(str(each) for each in failed) if isinstance(failed, list) else ()
    return Page(found, "", _drift(document, STATISTICS), named)


def uploads(document: Any) -> Page[Upload]:
    """The entries of a page of `playlistItems.list`. `snippet.publishedAt` is when an entry entered the list, so it is
    not read."""
    found = [
        Upload(str(video), moment(part(each, "contentDetails", "videoPublishedAt")))
        for each in items(document)
        if (video := text(part(each, "contentDetails", "videoId")))
    ]
    return Page(found, text(part(document, "nextPageToken")) or "")


def found_videos(document: Any) -> Page[str]:
    """The ids of a page of `search.list`."""
    ids = [str(video) for each in items(document) if (video := text(part(each, "id", "videoId")))]
    return Page(ids, text(part(document, "nextPageToken")) or "")


def comments(document: Any) -> Page[Comment]:
    """The comments of a page of `commentThreads.list`, each followed by the replies that come with it."""
    found = []
    for thread in items(document):
        first = part(thread, "snippet", "topLevelComment")
        for each in ([first] if isinstance(first, Mapping) else []) + items(part(thread, "replies"), "comments"):
            if text(each.get("id")):
                found.append(_comment(each, text(part(thread, "snippet", "videoId")) or ""))
    return Page(found, text(part(document, "nextPageToken")) or "")


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One channel follows another one since a moment."""

    id: str
    channel: str
    followed: str
    title: str | None
    since: str


def subscriptions(document: Any) -> Page[Subscription]:
    """The subscriptions of a page of `subscriptions.list`."""
    found = [
        Subscription(
            id=each["id"],
            channel=text(part(each, "snippet", "channelId")) or "",
            followed=str(followed),
            title=text(part(each, "snippet", "title")),
            since=text(part(each, "snippet", "publishedAt")) or "",
        )
        for each in items(document)
        if text(each.get("id")) and (followed := text(part(each, "snippet", "resourceId", "channelId")))
    ]
    return Page(found, text(part(document, "nextPageToken")) or "")


def _channel(document: Mapping[str, Any]) -> Channel:
    snippet, counts = part(document, "snippet"), part(document, "statistics")
    hidden = flag(part(counts, "hiddenSubscriberCount")) or False
    thumbnails = part(snippet, "thumbnails")
    return Channel(
        id=document["id"],
        title=text(part(snippet, "title")),
        description=text(part(snippet, "description")),
        custom_url=text(part(snippet, "customUrl")),
        country=text(part(snippet, "country")) or text(part(document, "brandingSettings", "channel", "country")),
        language=text(part(snippet, "defaultLanguage")),
        published_at=moment(part(snippet, "publishedAt")),
        thumbnails=_document(thumbnails),
        thumbnail=_picture(thumbnails),
        uploads_playlist=text(part(document, "contentDetails", "relatedPlaylists", "uploads")),
        subscribers=None if hidden else count(part(counts, "subscriberCount")),
        views=count(part(counts, "viewCount")),
        videos=count(part(counts, "videoCount")),
        is_hidden=hidden,
    )


def _video(document: Mapping[str, Any]) -> Video:
    snippet, counts, content = (part(document, name) for name in ("snippet", "statistics", "contentDetails"))
    thumbnails, tags = part(snippet, "thumbnails"), part(snippet, "tags")
    height, width = (count(part(document, "player", name)) for name in ("embedHeight", "embedWidth"))
    details = {
        "title": text(part(snippet, "title")),
        "description": text(part(snippet, "description")),
        "channel_title": text(part(snippet, "channelTitle")),
        "category_id": text(part(snippet, "categoryId")),
        "audio_language": text(part(snippet, "defaultAudioLanguage")),
        "tags": compact(tags) if isinstance(tags, list) else None,
        "thumbnails": _document(thumbnails),
        "thumbnail": _picture(thumbnails),
        "privacy_status": text(part(document, "status", "privacyStatus")),
        "is_licensed": flag(part(content, "licensedContent")),
        "favourites": count(part(counts, "favoriteCount")),
    }
    return Video(
        id=document["id"],
        channel=text(part(snippet, "channelId")),
        views=count(part(counts, "viewCount")),
        likes=count(part(counts, "likeCount")),
        comments=count(part(counts, "commentCount")),
        published_at=moment(part(snippet, "publishedAt")),
        duration=text(part(content, "duration")),
        details={name: value for name, value in details.items() if value is not None},
        is_portrait=None if height is None or width is None else height >= width,
    )


def _comment(document: Mapping[str, Any], video: str) -> Comment:
    snippet = part(document, "snippet")
    return Comment(
        id=document["id"],
        video=text(part(snippet, "videoId")) or video,
        author=text(part(snippet, "authorChannelId", "value")),
        text=text(part(snippet, "textOriginal")) or text(part(snippet, "textDisplay")),
        likes=count(part(snippet, "likeCount")),
        at=moment(part(snippet, "publishedAt")),
    )


def _document(value: Any) -> str | None:
    return compact(value) if isinstance(value, Mapping) else None


def _picture(thumbnails: Any) -> str | None:
    return next((url for name in PICTURES if (url := text(part(thumbnails, name, "url")))), None)


def _drift(document: Any, known: Known) -> frozenset[str]:
    return frozenset(unknown(document, known))
