"""What YouTube's API shows of channels, videos and comments, in the form of its documentation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel as its API shows it."""

    id: str
    title: str = "A channel"
    description: str = ""
    handle: str = ""
    country: str | None = None
    published_at: datetime = datetime(2015, 1, 1, tzinfo=UTC)
    thumbnail: str = ""
    subscribers: int = 0
    is_hidden: bool = False
    views: int = 0
    videos: int = 0


@dataclass(frozen=True, kw_only=True)
class Video:
    """A video as its API shows it. Without likes they are hidden, without comments these are closed."""

    id: str
    channel: str
    title: str = "A video"
    description: str = ""
    channel_title: str = ""
    category: str = "22"
    language: str | None = None
    tags: tuple[str, ...] = ()
    thumbnail: str = ""
    duration: str = "PT3M20S"
    is_licensed: bool = False
    is_private: bool = False
    published_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    views: int = 0
    likes: int | None = 0
    comments: int | None = 0
    size: tuple[int, int] = (1280, 720)


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment on a video, with the text of replies below it."""

    id: str
    text: str
    author: str = "UC0000000000000000000000"
    likes: int = 0
    replies: tuple[str, ...] = ()


def channel_document(channel: Channel, parts: Collection[str]) -> dict[str, Any]:
    """An element of `channels.list`. Counters are texts."""
    shown = "0" if channel.is_hidden else str(channel.subscribers)
    snippet: dict[str, Any] = {
        "title": channel.title,
        "description": channel.description,
        "customUrl": f"@{channel.handle}",
        "publishedAt": time_of(channel.published_at),
        "thumbnails": {"default": {"url": channel.thumbnail}},
    }
    if channel.country is not None:
        snippet["country"] = channel.country
    every = {
        "snippet": snippet,
        "statistics": {
            "viewCount": str(channel.views),
            "subscriberCount": shown,
            "hiddenSubscriberCount": channel.is_hidden,
            "videoCount": str(channel.videos),
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": f"UU{channel.id[2:]}"}},
        "status": {"privacyStatus": "public", "isLinked": True},
    }
    return _element("channel", channel.id, every, parts)


def video_document(video: Video, parts: Collection[str]) -> dict[str, Any]:
    """An element of `videos.list`."""
    snippet: dict[str, Any] = {
        "publishedAt": time_of(video.published_at),
        "channelId": video.channel,
        "title": video.title,
        "description": video.description,
        "channelTitle": video.channel_title,
        "categoryId": video.category,
        "thumbnails": {"default": {"url": video.thumbnail}},
    }
    if video.tags:
        snippet["tags"] = list(video.tags)
    if video.language:
        snippet["defaultAudioLanguage"] = video.language
    width, height = video.size
    every = {
        "snippet": snippet,
        "statistics": {**statistics_of(video), "favoriteCount": "0"},
        "contentDetails": {"duration": video.duration, "licensedContent": video.is_licensed},
        "status": {"privacyStatus": "public", "uploadStatus": "processed"},
        "player": {"embedHtml": "<iframe></iframe>", "embedHeight": str(height), "embedWidth": str(width)},
    }
    return _element("video", video.id, every, parts)


def thread_document(comment: Comment, video: str) -> dict[str, Any]:
    """An element of `commentThreads.list`, with its replies."""

    def one(identity: str, text: str, likes: int) -> dict[str, Any]:
        snippet = {
            "videoId": video,
            "textDisplay": text,
            "textOriginal": text,
            "authorChannelId": {"value": comment.author},
            "likeCount": likes,
            "publishedAt": "2026-05-01T10:00:00Z",
        }
        return {"kind": "youtube#comment", "id": identity, "snippet": snippet}

    document: dict[str, Any] = {
        "kind": "youtube#commentThread",
        "id": comment.id,
        "snippet": {"videoId": video, "topLevelComment": one(comment.id, comment.text, comment.likes)},
    }
    if comment.replies:
        answers = [one(f"{comment.id}.{place}", text, 0) for place, text in enumerate(comment.replies)]
        document["replies"] = {"comments": answers}
    return document


def _element(kind: str, identity: str, every: Mapping[str, Any], parts: Collection[str]) -> dict[str, Any]:
    etag = hashlib.sha256(json.dumps(every, sort_keys=True).encode()).hexdigest()[:27]
    return {"kind": f"youtube#{kind}", "etag": etag, "id": identity} | {
        part: content for part, content in every.items() if part in parts
    }


def upload_document(video: Video) -> dict[str, Any]:
    """An element of a channel's uploads. Of a private video the moment of publication is missing."""
    content = {"videoId": video.id}
    if not video.is_private:
        content["videoPublishedAt"] = time_of(video.published_at)
    status = {"privacyStatus": "private" if video.is_private else "public"}
    return {"kind": "youtube#playlistItem", "id": f"item-{video.id}", "contentDetails": content, "status": status}


def statistics_of(video: Video) -> dict[str, str]:
    """The counters that are shown, as texts."""
    counts = {"viewCount": video.views, "likeCount": video.likes, "commentCount": video.comments}
    return {name: str(number) for name, number in counts.items() if number is not None}


def time_of(moment: datetime) -> str:
    """A moment as the API writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
