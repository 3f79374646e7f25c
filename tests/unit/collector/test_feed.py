"""YouTube's feeds: a hint where the playlist cannot be asked, and never evidence."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.collector.platform import NOW, Budget, Known, Platform, Run, key, run, task, wait

from stir.collector.calls import Calls
from stir.collector.http import BrokenAnswerError, Http
from stir.collector.protocol import Complete, GivenBack
from stir.collector.sources.youtube.feed import parse
from stir.collector.sources.youtube.listing import Listings
from stir.world.standins.server import Reply, StandIn
from stir.world.standins.youtube import YouTubeStandIn
from stir.world.standins.youtube_documents import Video
from stir.world.standins.youtube_feed import feed

CHANNEL = "UC" + "a" * 22
UPLOADS = "refresh_yt_posts_by_playlist_id"
VIDEOS = [Video(id=f"v{number:010}", channel=CHANNEL, views=number, likes=1, title="a & b") for number in range(20)]


def ask(reply: Reply, **more: Any) -> Run:
    """The uploads while the playlist cannot be asked."""

    async def work() -> Run:
        async with StandIn(lambda asked: reply) as server:
            return await run({"youtube_rss": server.url}, task(UPLOADS, CHANNEL), **more)

    return wait(work())


def test_the_head_of_a_feed_lacks_the_beginning_of_the_id_and_its_entries_do_not() -> None:
    body = feed(CHANNEL, VIDEOS)
    assert f"<yt:channelId>{CHANNEL[2:]}</yt:channelId>" in body

    found = parse(body.encode())

    assert found.channel == CHANNEL
    assert {video.channel for video in found.videos} == {CHANNEL}
    assert found.videos[3].details == {"title": "a & b"}


def test_an_entry_without_an_id_is_left_out() -> None:
    body = feed(CHANNEL, VIDEOS[:3]).replace(f"<yt:videoId>{VIDEOS[1].id}</yt:videoId>", "")

    assert [video.id for video in parse(body.encode()).videos] == [VIDEOS[0].id, VIDEOS[2].id]


@pytest.mark.parametrize(
    "body",
    [b"<html><body>Sorry</body></html>", b"Too many", b"", b"<!DOCTYPE a [<!ENTITY b 'c'>]><feed>&b;</feed>"],
    ids=["HTML", "text", "nothing", "entities"],
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(BrokenAnswerError, match="no feed"):
        parse(body)


def test_the_feed_answers_when_no_key_can_be_used_and_says_that_it_is_not_all() -> None:
    found = ask(Reply(feed(CHANNEL, VIDEOS)), budget=Budget([]))

    assert found.outcome == Complete(15, "ytrss", False, ("a feed shows the 15 newest only",))
    event = found.events("post_log")[VIDEOS[7].id]
    assert event["metrics"] == {"view_count": 7, "likes": 1}
    assert event["source"] == "ytrss"


@pytest.mark.parametrize("status", [404, 500])
def test_a_feed_that_is_down_never_says_that_the_channel_is_gone(status: int) -> None:
    found = ask(Reply("Not found", status), budget=Budget([]))

    assert isinstance(found.outcome, GivenBack)


def test_html_under_status_200_is_an_outage() -> None:
    found = ask(Reply("<html></html>", headers={"content-type": "text/html"}), budget=Budget([]))

    assert isinstance(found.outcome, GivenBack)
    assert "no feed" in found.outcome.reason


def test_the_playlist_is_asked_first() -> None:
    async def work() -> Run:
        platform = Platform(videos=VIDEOS)
        async with (
            StandIn(YouTubeStandIn(platform, {"secret-1": "p1"}, clock=lambda: NOW)) as api,
            StandIn(lambda asked: Reply(feed(CHANNEL, VIDEOS))) as rss,
        ):
            found = await run(
                {"youtube": api.url, "youtube_rss": rss.url}, task(UPLOADS, CHANNEL), budget=Budget([key()])
            )
            assert not rss.asked
            return found

    found = wait(work())

    assert isinstance(found.outcome, Complete)
    assert found.outcome.source == "ytapi"


def asked_often(*feeds: Reply, videos: list[Video] = VIDEOS) -> Run:
    """A channel's uploads asked for once, and then again before each of the feed's answers."""

    async def work() -> Run:
        answers = iter(feeds)
        rows = [{"id": 7, "shortcode": each.id, "channel_id": CHANNEL} for each in videos]
        async with (
            StandIn(YouTubeStandIn(Platform(videos=videos), {"secret-1": "p1"}, clock=lambda: NOW)) as api,
            StandIn(lambda asked: next(answers)) as rss,
        ):
            urls = {"youtube": api.url, "youtube_rss": rss.url}
            tasks = [task(UPLOADS, CHANNEL, request=number) for number in range(len(feeds) + 1)]
            return await run(urls, *tasks, known=Known({"beat_replica.youtube_post_simple": rows}))

    return wait(work())


def test_while_the_feed_shows_no_new_video_the_playlist_is_read_once_and_the_counters_each_time() -> None:
    found = asked_often(*[Reply(feed(CHANNEL, VIDEOS))] * 23)

    assert (found.budget.units("common"), found.budget.units("stats"), found.budget.units("feed")) == (1, 24, 23)
    assert {len(VIDEOS) * 2} == {
        outcome.records for outcome in found.outcomes.values() if isinstance(outcome, Complete)
    }
    assert found.outcomes[1] == Complete(40, "ytapi", True, ("the feed shows no new video",))


@pytest.mark.parametrize(
    "hint",
    [
        Reply(feed(CHANNEL, [Video(id="new00000000", channel=CHANNEL), *VIDEOS])),
        Reply("Not found", 404),
        Reply("oops", 500),
        Reply("<html></html>", headers={"content-type": "text/html"}),
        Reply(feed(CHANNEL, [])),
        Reply(feed("UC" + "b" * 22, VIDEOS)),
    ],
    ids=["a new video", "404", "500", "HTML", "nothing", "another channel"],
)
def test_any_other_feed_is_no_hint_and_the_playlist_is_asked(hint: Reply) -> None:
    found = asked_often(hint)

    assert (found.budget.units("common"), found.budget.units("feed")) == (2, 1)
    assert found.slept == [], "a hint is not worth a second try"


def test_a_private_video_of_the_list_is_no_new_one() -> None:
    hidden = [replace(VIDEOS[0], is_private=True), *VIDEOS[1:]]

    found = asked_often(Reply(feed(CHANNEL, VIDEOS)), videos=hidden)

    assert found.budget.units("common") == 1


def test_the_whole_list_is_read_again_on_the_next_pacific_day_and_for_another_length() -> None:
    present = [datetime(2026, 6, 15, 6, 59, tzinfo=UTC)]

    async def work() -> list[tuple[str, ...] | None]:
        async with StandIn(lambda asked: Reply(feed(CHANNEL, VIDEOS[:2]))) as rss:
            listings = Listings(rss.url)
            http = Http()
            calls = Calls(http, Budget([]), 5, lambda: present[0])
            listings.keep(calls, CHANNEL, 50, [each.id for each in VIDEOS[:2]], [])
            same, longer = [await listings.unchanged(calls, CHANNEL, most) for most in (50, 100)]
            present[0] += timedelta(minutes=2)
            later = await listings.unchanged(calls, CHANNEL, 50)
            await http.close()
            return [same, longer, later]

    assert asyncio.run(work()) == [(VIDEOS[0].id, VIDEOS[1].id), None, None]
