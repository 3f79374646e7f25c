"""The YouTube Data API v3 as its documentation describes it: lists, three buckets of quota by project, errors.

Source: developers.google.com/youtube/v3/docs and .../determine_quota_cost, as of November 2026.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from stir.world.standins.server import Ask, Reply
from stir.world.standins.youtube_documents import (
    Channel,
    Comment,
    Video,
    channel_document,
    statistics_of,
    thread_document,
    time_of,
    upload_document,
    video_document,
)

QUOTAS = {"common": 10_000, "search": 100, "stats": 10_000}
_BUCKETS = {"search": "search", "videos:batchGetStats": "stats"}
_PACIFIC = ZoneInfo("America/Los_Angeles")


class Contents(Protocol):
    """What the platform holds. The newest uploads stand first."""

    def channels(self, ids: Sequence[str]) -> Mapping[str, Channel]:
        """The channels that exist, by id."""
        ...

    def channel_of_handle(self, handle: str) -> Channel | None:
        """The channel with this handle."""
        ...

    def uploads(self, channel: str) -> Sequence[Video]:
        """The channel's uploads."""
        ...

    def videos(self, ids: Sequence[str]) -> Mapping[str, Video]:
        """The videos that exist, by id."""
        ...

    def comments(self, video: str) -> Sequence[Comment] | None:
        """The comments of a video; None if they are closed."""
        ...


@dataclass
class YouTubeStandIn:
    """The API.

    Attributes:
        keys: project of each key.
        quotas: units of each bucket, a project and a Pacific day.
        used: units taken, by Pacific day, project and bucket.
    """

    contents: Contents
    keys: Mapping[str, str]
    quotas: Mapping[str, int] = field(default_factory=lambda: QUOTAS)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    used: Counter[tuple[date, str, str]] = field(default_factory=Counter)

    def __call__(self, ask: Ask) -> Reply:
        """Answer one request. Each costs a unit, whatever it is answered with."""
        method = ask.path.rpartition("/")[2]
        key = ask.headers.get("x-goog-api-key") or ask.params.get("key", "")
        if key not in self.keys:
            return error(400, "API key not valid.", "badRequest", "usageLimits", detail="API_KEY_INVALID")
        bucket, day = _BUCKETS.get(method, "common"), self.clock().astimezone(_PACIFIC).date()
        if self.used[day, self.keys[key], bucket] >= self.quotas[bucket]:
            return error(403, "The request cannot be completed: quota.", "quotaExceeded", "youtube.quota")
        self.used[day, self.keys[key], bucket] += 1
        answerers = {
            "channels": self._channels,
            "playlistItems": self._playlist,
            "videos": self._videos,
            "videos:batchGetStats": self._statistics,
            "commentThreads": self._comments,
            "search": self._search,
        }
        if method not in answerers:
            return error(404, "Not found.", "notFound")
        reply = answerers[method](ask.params)
        if reply.status == 200:
            etag = f'"{hashlib.sha256(reply.body).hexdigest()[:20]}"'
            if ask.headers.get("if-none-match") == etag:
                return Reply(status=304, headers={"etag": etag})
            return Reply(reply.content, headers={"etag": etag})
        return reply

    def _channels(self, params: Mapping[str, str]) -> Reply:
        if handle := params.get("forHandle"):
            channel = self.contents.channel_of_handle(handle.lstrip("@"))
            found = [channel] if channel else []
        else:
            ids = params.get("id", "").split(",")
            found = list(self.contents.channels(ids[:50]).values())
        return listed("channel", [channel_document(each, _parts(params)) for each in found])

    def _playlist(self, params: Mapping[str, str]) -> Reply:
        playlist = params.get("playlistId", "")
        uploads = self.contents.uploads(f"UC{playlist[2:]}")[:20_000]
        if not uploads:
            return error(404, "The playlist cannot be found.", "playlistNotFound", "youtube.playlistItem")
        return self._page(params, "playlistItem", uploads, upload_document)

    def _videos(self, params: Mapping[str, str]) -> Reply:
        ids = params.get("id", "").split(",")
        if len(ids) > 50:
            return error(400, "Too many ids.", "invalidFilters")
        found = [video for video in self.contents.videos(ids).values() if not video.is_private]
        return listed("video", [video_document(each, _parts(params)) for each in found])

    def _statistics(self, params: Mapping[str, str]) -> Reply:
        ids = params.get("id", "").split(",")
        found = {name: each for name, each in self.contents.videos(ids[:50]).items() if not each.is_private}
        failed = [each for each in ids if each not in found]
        summary = {
            "requestedVideoCount": len(ids),
            "succeededVideoCount": len(found),
            "failedVideoCount": len(failed),
            "failedVideoIds": failed,
        }
        items = [
            {
                "kind": "youtube#video",
                "etag": "e",
                "id": video.id,
                "snippet": {"publishTime": time_of(video.published_at)},
                "statistics": statistics_of(video),
                "contentDetails": {"duration": video.duration},
            }
            for video in found.values()
        ]
        return Reply({"kind": "youtube#batchGetStatsResponse", "items": items, "summary": summary})

    def _comments(self, params: Mapping[str, str]) -> Reply:
        video = params.get("videoId", "")
        comments = self.contents.comments(video)
        if comments is None:
            return error(403, "Comments are disabled.", "commentsDisabled", "youtube.commentThread")
        return self._page(params, "commentThread", comments, lambda each: thread_document(each, video))

    def _search(self, params: Mapping[str, str]) -> Reply:
        found = self.contents.uploads(params.get("channelId", ""))
        reply = self._page(params, "searchResult", found, lambda each: {"id": {"videoId": each.id}})
        reply.content["pageInfo"]["totalResults"] = 1_000_000
        return reply

    def _page(
        self, params: Mapping[str, str], kind: str, elements: Sequence[Any], shape: Callable[[Any], dict[str, Any]]
    ) -> Reply:
        token, size = params.get("pageToken", ""), int(params.get("maxResults", "5"))
        if token and not token.removeprefix("p").isdigit():
            return error(400, "The page token is not valid.", "invalidPageToken")
        start = int(token.removeprefix("p") or 0)
        reply = listed(kind, [shape(each) for each in elements[start : start + size]], total=len(elements))
        if start + size < len(elements):
            reply.content["nextPageToken"] = f"p{start + size}"
        return reply


def listed(kind: str, items: list[dict[str, Any]], *, total: int | None = None) -> Reply:
    """A list. With nothing in it the member `items` is missing, as it may be."""
    document: dict[str, Any] = {
        "kind": f"youtube#{kind}ListResponse",
        "etag": "list",
        "pageInfo": {"totalResults": len(items) if total is None else total, "resultsPerPage": 50},
    }
    return Reply(document | ({"items": items} if items else {}))


def error(status: int, message: str, reason: str, domain: str = "youtube.common", *, detail: str = "") -> Reply:
    """An error in Google's form; `detail` is a reason of the newer kind beside the old one."""
    body: dict[str, Any] = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": domain, "reason": reason}],
    }
    if detail:
        body["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": detail}]
    return Reply({"error": body}, status=status)


def _parts(params: Mapping[str, str]) -> list[str]:
    return params.get("part", "").split(",")
