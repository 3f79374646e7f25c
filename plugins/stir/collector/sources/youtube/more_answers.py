"""The flows of YouTube besides channels and videos: searches, kinds, comments, subscriptions, audiences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from stir.collector.chain import Asking, Result, merged
from stir.collector.paging import Page, read_pages
from stir.collector.protocol import Empty, NotFound, Task
from stir.collector.reading import count, measure
from stir.collector.records import Found
from stir.collector.sources.youtube import parse, process
from stir.collector.sources.youtube.answers import read_videos
from stir.collector.sources.youtube.client import SOURCE, YouTube
from stir.collector.sources.youtube.parse import Comment, Subscription

MOST_COMMENTS = 1_000
MOST_SUBSCRIPTIONS = 500
INSIGHTS_DAYS = 90


@dataclass(frozen=True)
class Genre:
    """Recent videos of a topic: one call of the search, which has 100 a day, and the videos that it names."""

    youtube: YouTube
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The videos of each topic."""
        return {task.request_id: await self._search(task, asking) for task in tasks}

    async def _search(self, task: Task, asking: Asking) -> Result:
        asked = {"q": task.entities[0], "order": "viewCount"}
        asked["publishedAfter"] = (asking.moment - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
        if language := task.params.get("language"):
            asked["relevanceLanguage"] = str(language)
        ids = merged(parse.found_videos(await self.youtube.search(asking.calls, asked)).items)
        rows = await asking.stored.rows(process.VIDEOS, "shortcode", ids)
        videos = await read_videos(self.youtube, asking, ids, {})
        found, reading = Found(process.EVENTS, complete=False), asking.reading(task)
        for video in videos.values():
            if video.channel:
                found.add(process.of_video(video, video.channel, rows.get(video.id), reading))
        return found


@dataclass(frozen=True)
class Kinds:
    """Whether a video is a short: by its length and whether its player is upright."""

    youtube: YouTube
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The kinds of the videos of all requests, by one call for 50."""
        ids = merged(*(task.entities for task in tasks))
        rows = await asking.stored.rows(process.VIDEOS, "shortcode", ids)
        page = parse.videos(await self.youtube.videos(asking.calls, ids, sized=True))
        asking.note_drift(SOURCE, page.drift)
        videos = {video.id: video for video in page.items}
        results: dict[int, Result] = {}
        for task in tasks:
            video = videos.get(task.entities[0])
            if video is None:
                results[task.request_id] = NotFound("YouTube does not show the video")
            elif video.kind is None:
                results[task.request_id] = Empty("YouTube tells neither length nor size of the video")
            else:
                records = process.of_kind(video, rows.get(video.id), asking.reading(task))
                results[task.request_id] = Found(process.EVENTS, records)
        return results


@dataclass(frozen=True)
class Comments:
    """Comments of a video with the replies that come beside them: one unit for 100 threads."""

    youtube: YouTube
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The comments of each video."""
        return {task.request_id: await self._comments(task, asking) for task in tasks}

    async def _comments(self, task: Task, asking: Asking) -> Result:
        async def fetch(token: str) -> Page[Comment]:
            return parse.comments(await self.youtube.comments(asking.calls, task.entities[0], token))

        listed = await read_pages(fetch, count(task.params.get("max_comments")) or MOST_COMMENTS)
        reading = asking.reading(task)
        records = [process.of_comment(comment, reading) for comment in listed.items]
        return Found(process.EVENTS, records, complete=listed.complete, failure=listed.failure)


@dataclass(frozen=True)
class Relationships:
    """The channels that a channel follows, as far as it shows them."""

    youtube: YouTube
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The subscriptions of each channel."""
        return {task.request_id: await self._subscriptions(task, asking) for task in tasks}

    async def _subscriptions(self, task: Task, asking: Asking) -> Result:
        async def fetch(token: str) -> Page[Subscription]:
            return parse.subscriptions(await self.youtube.subscriptions(asking.calls, task.entities[0], token))

        listed = await read_pages(fetch, MOST_SUBSCRIPTIONS)
        reading = asking.reading(task)
        records = [process.of_subscription(each, reading) for each in listed.items]
        return Found(process.EVENTS, records, complete=listed.complete, failure=listed.failure)


@dataclass(frozen=True)
class Insights:
    """The audience of a channel whose owner lets us in: three reports of the Analytics API."""

    youtube: YouTube
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The audience of each channel."""
        return {task.request_id: await self._audience(task, asking) for task in tasks}

    async def _audience(self, task: Task, asking: Asking) -> Result:
        (channel,) = task.entities
        rows = await asking.stored.rows("beat_replica.youtube_profile_insights", "channel_id", [channel])
        until = asking.moment.date() - timedelta(days=2)
        days = {"startDate": (until - timedelta(days=INSIGHTS_DAYS)).isoformat(), "endDate": until.isoformat()}

        async def report(dimensions: str, metric: str, **more: str) -> list[list[Any]]:
            asked = {**days, "dimensions": dimensions, "metrics": metric, **more}
            document = await self.youtube.report(asking.calls, channel, asked)
            found = document.get("rows")
            return [row for row in found if isinstance(row, list)] if isinstance(found, list) else []

        ages = await report("ageGroup,gender", "viewerPercentage")
        countries = await report("country", "views")
        cities = await report("city", "views", maxResults="25", sort="-views")
        if not (ages or countries or cities):
            return Empty("YouTube tells nothing of so small an audience")
        genders: dict[str, dict[str, float]] = {}
        for age, gender, share in (row for row in ages if len(row) == 3):
            named = "uncategorized" if gender in ("user_specified", "genderless") else str(gender)
            genders.setdefault(named, {})[str(age)] = measure(share) or 0.0
        read = {
            "channel_id": channel,
            "gender_age": genders or None,
            "country": _weights(countries) or None,
            "city": _weights(cities) or None,
        }
        record = asking.reading(task).row(
            "beat_youtube_profile_insights", f"insights {channel}", rows.get(channel), read
        )
        return Found(process.EVENTS, [record])


def _weights(rows: Sequence[Sequence[Any]]) -> dict[str, float]:
    return {str(row[0]): number for row in rows if len(row) == 2 and (number := measure(row[1])) is not None}
