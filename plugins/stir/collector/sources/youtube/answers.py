"""The flows of YouTube that read channels and videos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stir.collector.chain import Asking, Result, merged
from stir.collector.faults import AnsweredError, Kind, UnavailableError
from stir.collector.paging import Page, read_pages
from stir.collector.protocol import NotFound, Task
from stir.collector.reading import count
from stir.collector.records import Found
from stir.collector.sources.youtube import parse, process
from stir.collector.sources.youtube.client import IDS, SOURCE, YouTube
from stir.collector.sources.youtube.listing import Listings
from stir.collector.sources.youtube.parse import Channel, Upload, Video

MOST_UPLOADS = 20_000
"""Where a playlist ends, however many videos a channel has."""
UPLOADS = 50
"""Newest videos that a request reads if it does not say how many."""


@dataclass(frozen=True)
class Profiles:
    """Channels: one unit for 50 of them."""

    youtube: YouTube
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The channels of all requests, told apart again."""
        ids = merged(*(task.entities for task in tasks))
        rows = await asking.stored.rows(process.ACCOUNTS, "channel_id", ids)
        channels: dict[str, Channel] = {}
        for start in range(0, len(ids), IDS):
            page = parse.channels(await self.youtube.channels(asking.calls, ids[start : start + IDS]))
            asking.note_drift(SOURCE, page.drift)
            channels |= {channel.id: channel for channel in page.items}
        results: dict[int, Result] = {}
        for task in tasks:
            reading, found = asking.reading(task), Found(process.EVENTS)
            for channel in (channels[each] for each in merged(task.entities) if each in channels):
                found.add(process.of_channel(channel, rows.get(channel.id), reading))
            results[task.request_id] = reconciled(found, [each for each in task.entities if each not in channels])
        return results


@dataclass(frozen=True)
class Videos:
    """Videos by id: `batchGetStats` for those whose channel is known, `videos` for the others and for what failed."""

    youtube: YouTube
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The videos of each request; one call asks for those of all."""
        ids = merged(*(task.entities for task in tasks))
        rows = await asking.stored.rows(process.VIDEOS, "shortcode", ids)
        owners = {video: row["channel_id"] for video, row in rows.items() if row.get("channel_id")}
        videos = await read_videos(self.youtube, asking, ids, owners)
        results: dict[int, Result] = {}
        for task in tasks:
            reading, found = asking.reading(task), Found(process.EVENTS)
            for video in (videos[each] for each in merged(task.entities) if each in videos):
                channel = video.channel or owners[video.id]
                found.add(process.of_video(video, channel, rows.get(video.id), reading))
            results[task.request_id] = reconciled(found, [each for each in task.entities if each not in videos])
        return results


@dataclass(frozen=True)
class Uploads:
    """The newest uploads of a channel: a page of its playlist, and the counters of what stands there. While the feed
    says that the list of today has not grown, the page is not asked for again.
    """

    youtube: YouTube
    listings: Listings
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The uploads of each channel."""
        return {task.request_id: await self._uploads(task, asking) for task in tasks}

    async def _uploads(self, task: Task, asking: Asking) -> Result:
        (channel,) = task.entities
        playlist = str(task.params.get("playlist_id") or f"UU{channel[2:]}")
        most = min(count(task.params.get("max_posts")) or UPLOADS, MOST_UPLOADS)

        async def fetch(token: str) -> Page[Upload]:
            return parse.uploads(await self.youtube.playlist(asking.calls, playlist, token))

        is_own = "playlist_id" not in task.params
        known = await self.listings.unchanged(asking.calls, channel, most) if is_own else None
        if known is not None:
            return await self._counted(
                task, asking, known, Found(process.EVENTS, notes=["the feed shows no new video"])
            )
        try:
            listed = await read_pages(fetch, most)
        except AnsweredError as error:
            if error.fault.kind != Kind.GONE:
                raise
            return await self._without_uploads(channel, asking)
        # A private or deleted video stays in the list without the moment of its publication.
        shown = merged([each.video for each in listed.items if each.published_at])
        hidden = [each.video for each in listed.items if not each.published_at]
        if is_own and not listed.failure:
            self.listings.keep(asking.calls, channel, most, shown, hidden)
        found = Found(process.EVENTS, complete=listed.complete, failure=listed.failure)
        found = await self._counted(task, asking, shown, found)
        if hidden:
            found.notes.append(f"{len(hidden)} entries are private or deleted")
        if len(listed.items) == MOST_UPLOADS:
            found.complete = False
            found.notes.append(f"the playlist ends at {MOST_UPLOADS:,} entries")
        return found

    async def _counted(self, task: Task, asking: Asking, shown: Sequence[str], found: Found) -> Found:
        """Add the videos with their counters."""
        (channel,) = task.entities
        rows = await asking.stored.rows(process.VIDEOS, "shortcode", shown)
        owners = {video: rows[video].get("channel_id") or channel for video in shown if video in rows}
        videos = await read_videos(self.youtube, asking, shown, owners)
        reading = asking.reading(task)
        for video in (videos[each] for each in shown if each in videos):
            found.add(process.of_video(video, video.channel or owners[video.id], rows.get(video.id), reading))
        return found

    async def _without_uploads(self, channel: str, asking: Asking) -> Result:
        """An empty channel has no playlist either; only the channel itself says whether it exists."""
        page = parse.channels(await self.youtube.channels(asking.calls, [channel]))
        return Found(process.EVENTS, notes=["no uploads"]) if page.items else NotFound("channelNotFound")


async def read_videos(
    youtube: YouTube, asking: Asking, ids: Sequence[str], owners: Mapping[str, str]
) -> dict[str, Video]:
    """The videos that YouTube shows, by id.

    What `batchGetStats` does not answer for is asked of `videos`: only that call knows whether a video is there. If the
    bucket of `batchGetStats` is used up or the call is unknown, `videos` answers for all.

    Args:
        owners: the channels of those whose channel is known.
    """
    found: dict[str, Video] = {}
    counted = [each for each in ids if each in owners]
    for start in range(0, len(counted), IDS):
        try:
            page = parse.statistics(await youtube.statistics(asking.calls, counted[start : start + IDS]))
        except (UnavailableError, AnsweredError):
            break
        asking.note_drift(SOURCE, page.drift)
        found |= {video.id: video for video in page.items if video.id not in page.failed}
    others = [each for each in ids if each not in found]
    for start in range(0, len(others), IDS):
        page = parse.videos(await youtube.videos(asking.calls, others[start : start + IDS]))
        asking.note_drift(SOURCE, page.drift)
        found |= {video.id: video for video in page.items if video.channel or video.id in owners}
    return found


def reconciled(found: Found, missing: Sequence[str]) -> Result:
    """What was found, and by name what was asked for and not answered; nothing found is not found."""
    if missing and not found.records:
        return NotFound(f"YouTube shows none of {len(missing)}: {', '.join(missing[:50])}")
    if missing:
        found.notes.append(f"not found: {', '.join(missing)}")
    return found
