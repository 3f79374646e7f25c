"""Asks YouTube: addresses, parameters and what each call costs. It neither reads nor keeps what the answers say.

Every request costs at least one unit of its bucket, also one that is answered with an error or with 304.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from stir.collector.calls import Calls
from stir.collector.http import Answer, Request
from stir.collector.protocol import Charge, Credential
from stir.collector.settings import CollectorSettings
from stir.collector.sources.youtube.rules import YouTubeRules

SOURCE = "youtube"
IDS = 50
"""Ids of one call, and elements of one page."""
_KEPT = 2_000
_RULES = YouTubeRules()


class YouTube:
    """The client. Answers with an ETag are kept, so that an unchanged list comes without a body."""

    def __init__(self, settings: CollectorSettings) -> None:
        self._base = settings.youtube_url
        self._analytics = settings.youtube_analytics_url
        self._kept: OrderedDict[str, tuple[str, Any]] = OrderedDict()

    async def channels(self, calls: Calls, ids: Sequence[str]) -> Any:
        """Up to 50 channels by id. Those that do not exist are left out."""
        parts = "snippet,statistics,contentDetails,status,brandingSettings,topicDetails"
        return await self._list(calls, "channels", {"part": parts, "id": ",".join(ids), "maxResults": str(IDS)})

    async def channel_of_handle(self, calls: Calls, handle: str) -> Any:
        """The channel with this handle."""
        parts = "snippet,statistics,contentDetails,status"
        return await self._list(calls, "channels", {"part": parts, "forHandle": handle}, entity=handle)

    async def playlist(self, calls: Calls, playlist: str, page: str = "") -> Any:
        """A page of a playlist; of a channel's uploads, the newest uploads first."""
        asked = {"part": "contentDetails,status", "playlistId": playlist, "maxResults": str(IDS)}
        return await self._list(calls, "playlistItems", _paged(asked, page), entity=playlist)

    async def videos(self, calls: Calls, ids: Sequence[str], *, sized: bool = False) -> Any:
        """Up to 50 videos by id; with the size of their player if asked. Private and deleted ones are left out."""
        parts = "snippet,statistics,contentDetails,status"
        asked = {"part": f"{parts},player" if sized else parts, "id": ",".join(ids)}
        return await self._list(calls, "videos", asked | ({"maxHeight": "720"} if sized else {}))

    async def statistics(self, calls: Calls, ids: Sequence[str]) -> Any:
        """The counters of up to 50 videos, from their own bucket. It names the ids that failed, and not why."""
        asked = {"part": "statistics,contentDetails,snippet", "id": ",".join(ids)}
        return await self._list(calls, "videos:batchGetStats", asked, bucket="stats")

    async def comments(self, calls: Calls, video: str, page: str = "") -> Any:
        """A page of up to 100 threads of comments."""
        asked = {"part": "snippet,replies", "videoId": video, "maxResults": "100", "textFormat": "plainText"}
        return await self._list(calls, "commentThreads", _paged(asked, page), entity=video)

    async def subscriptions(self, calls: Calls, channel: str, page: str = "") -> Any:
        """A page of the channels that a channel follows, if it shows them."""
        asked = {"part": "snippet,contentDetails", "channelId": channel, "maxResults": str(IDS)}
        return await self._list(calls, "subscriptions", _paged(asked, page), entity=channel)

    async def search(self, calls: Calls, asked: Mapping[str, str]) -> Any:
        """A page of a search. It has a bucket of 100 calls a day, and misses videos."""
        fixed = {"part": "snippet", "type": "video", "maxResults": str(IDS)}
        return await self._list(calls, "search", {**fixed, **asked}, bucket="search")

    async def report(self, calls: Calls, channel: str, asked: Mapping[str, str]) -> Any:
        """A report of the Analytics API, with the token of the channel itself."""
        charge = Charge(source=SOURCE, bucket="analytics", entity=channel, account=channel)
        params = {"ids": "channel==MINE", **asked}

        def build(credential: Credential) -> Request:
            return Request(url=f"{self._analytics}/reports", params=params, headers=login(credential))

        return (await calls.ask(charge, _RULES, build)).document

    async def _list(
        self, calls: Calls, method: str, asked: Mapping[str, str], *, bucket: str = "common", entity: str | None = None
    ) -> Any:
        charge = Charge(source=SOURCE, bucket=bucket, entity=entity)
        key = f"{method}?{'&'.join(f'{name}={asked[name]}' for name in sorted(asked))}"
        etag, kept = self._kept.get(key, ("", None))

        def build(credential: Credential) -> Request:
            condition = {"if-none-match": etag} if etag else {}
            return Request(url=f"{self._base}/{method}", params=asked, headers=login(credential) | condition)

        answer = await calls.ask(charge, _RULES, build)
        return kept if answer.status == 304 and etag else self._keep(key, answer)

    def _keep(self, key: str, answer: Answer) -> Any:
        if etag := answer.headers.get("etag", ""):
            self._kept[key] = (etag, answer.document)
            self._kept.move_to_end(key)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return answer.document


def _paged(asked: dict[str, str], page: str) -> dict[str, str]:
    return asked | ({"pageToken": page} if page else {})


def login(credential: Credential) -> dict[str, str]:
    """The header that a key or a token goes in."""
    # A header, because addresses are logged on the way. Tokens of OAuth begin otherwise than keys.
    if credential.secret.startswith("AIza") or credential.details.get("kind") == "key":
        return {"x-goog-api-key": credential.secret}
    if credential.secret.startswith("ya29.") or credential.account:
        return {"authorization": f"Bearer {credential.secret}"}
    return {"x-goog-api-key": credential.secret}
