"""YouTube: profiles, uploads and videos against a local server that answers as the documentation says."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.collector.platform import (
    NOW,
    Budget,
    Known,
    Platform,
    Run,
    Sink,
    conforms,
    key,
    run,
    served,
    task,
    wait,
)

from stir.collector.http import BrokenAnswerError, Http, Request
from stir.collector.paging import Page, read_pages
from stir.collector.protocol import Complete, Credential, Empty, Failed, GivenBack, NotFound, Throttled
from stir.collector.records import Reading
from stir.collector.settings import CollectorSettings
from stir.collector.sources.youtube import parse
from stir.collector.sources.youtube.answers import MOST_UPLOADS
from stir.world.standins.server import Ask, Reply, StandIn
from stir.world.standins.youtube import YouTubeStandIn, error
from stir.world.standins.youtube_documents import Channel, Comment, Video

CHANNEL = "UC" + "a" * 22
PROFILES, POSTS, UPLOADS = "refresh_yt_profiles", "refresh_yt_posts", "refresh_yt_posts_by_playlist_id"


def channel(number: int, **more: Any) -> Channel:
    return Channel(id=f"UC{number:022}", handle=f"handle{number}", **more)


def video(number: int, channel: str = CHANNEL, **more: Any) -> Video:
    given = {"views": 100 + number, "likes": 10, "comments": 3, **more}
    return Video(id=f"v{number:010}", channel=channel, **given)


def known(*videos: Video) -> Known:
    rows = [{"id": 7, "shortcode": each.id, "channel_id": each.channel, "keywords": "kept"} for each in videos]
    return Known({"beat_replica.youtube_post_simple": rows})


def ask(
    platform: Platform,
    *tasks: Any,
    script: list[tuple[Any, ...]] | None = None,
    keys: Mapping[str, str] | None = None,
    **more: Any,
) -> Run:
    """Run the requests; `script` has (match, reply, times) of answers that come first."""

    async def work() -> Run:
        standin = YouTubeStandIn(platform, keys or {"secret-1": "p1", "secret-2": "p2"}, clock=lambda: NOW)
        async with served(standin, "youtube") as (server, urls):
            for matches, reply, times in script or ():
                server.script(matches, reply, times=times)
            found = await run(urls, *tasks, **more)
            found.asked.extend(server.asked)
            return found

    return wait(work())


def test_fifty_channels_are_one_call_and_those_that_are_missing_are_named() -> None:
    channels = [channel(number, subscribers=number, views=5, videos=2) for number in range(50)]
    first = task(PROFILES, *(each.id for each in channels[:40]), request=1)
    second = task(PROFILES, *(each.id for each in channels[40:]), request=2)

    found = ask(Platform(channels[:39] + channels[42:]), first, second)

    assert found.budget.units("common") == 1
    assert len(found.events("profile_log")) == 47
    assert found.outcomes[1] == Complete(78, "ytapi", True, (f"not found: {channels[39].id}",))
    assert isinstance(found.outcomes[2], Complete)
    assert channels[41].id in found.outcomes[2].notes[0]
    conforms(found)


def test_an_answer_without_items_is_that_the_channel_does_not_exist() -> None:
    found = ask(Platform(), task(PROFILES, CHANNEL))

    assert isinstance(found.outcome, NotFound)
    assert not found.streams


def test_counters_in_quotes_beyond_31_bits_are_numbers() -> None:
    found = ask(
        Platform([channel(1, views=3_331_930_783, subscribers=10_700_000, videos=1)]), task(PROFILES, channel(1).id)
    )

    (event,) = found.streams["profile_log"]
    assert event["metrics"] == {"subscriber_count": 10_700_000, "view_count": 3_331_930_783, "video_count": 1}


def test_hidden_subscribers_with_a_zero_beside_them_stay_absent() -> None:
    found = ask(Platform([channel(1, is_hidden=True, subscribers=99, views=7)]), task(PROFILES, channel(1).id))

    (event,) = found.streams["profile_log"]
    (row,) = found.streams["beat_youtube_account"]
    assert "subscriber_count" not in event["metrics"]
    assert event["dimensions"] == {"hidden_subscriber_count": True}
    assert row["subscribers"] is None
    assert row["is_subscriber_count_hidden"] is True


def test_hidden_likes_and_closed_comments_stay_absent_and_only_comments_have_a_flag() -> None:
    one = video(1, likes=None, comments=None)

    found = ask(Platform(videos=[one]), task(POSTS, one.id), known=known(one))

    (event,) = found.streams["post_log"]
    (row,) = found.streams["beat_youtube_post_simple"]
    assert event["metrics"] == {"view_count": 101, "comments_disabled": True}
    assert (row["likes"], row["comments"], row["comments_disabled"]) == (None, None, True)
    conforms(found)


def test_private_and_deleted_entries_of_the_uploads_are_reported_and_not_asked_for() -> None:
    videos = [video(1), video(2, is_private=True), video(3)]

    found = ask(Platform(videos=videos), task(UPLOADS, CHANNEL), known=known(*videos))

    assert set(found.events("post_log")) == {videos[0].id, videos[2].id}
    assert isinstance(found.outcome, Complete)
    assert found.outcome.notes == ("1 entries are private or deleted",)


def test_a_video_that_was_uploaded_long_before_it_was_published_is_read_at_its_place_in_the_list() -> None:
    day = timedelta(days=1)
    videos = [video(number, published_at=NOW - (number + 1) * day) for number in range(12)]
    videos[8] = replace(videos[8], published_at=NOW - timedelta(minutes=5))

    found = ask(Platform(videos=videos), task(UPLOADS, CHANNEL), known=known(*videos))

    assert found.events("post_log")[videos[8].id]["publish_time"] == "2026-06-15T11:55:30+00:00"


def test_fifty_uploads_cost_one_common_unit_and_one_of_the_counters_bucket() -> None:
    videos = [video(number) for number in range(60)]

    found = ask(Platform(videos=videos), task(UPLOADS, CHANNEL), known=known(*videos))

    assert (found.budget.units("common"), found.budget.units("stats")) == (1, 1)
    assert len(found.events("post_log")) == 50
    assert isinstance(found.outcome, Complete)
    assert not found.outcome.complete


def test_a_list_that_ends_at_twenty_thousand_is_reported_as_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stir.collector.sources.youtube.answers.MOST_UPLOADS", 120)
    videos = [video(number) for number in range(130)]

    found = ask(Platform(videos=videos), task(UPLOADS, CHANNEL, max_posts=50_000), known=known(*videos))

    assert isinstance(found.outcome, Complete)
    assert not found.outcome.complete
    assert "the playlist ends at 120 entries" in found.outcome.notes


def test_no_more_than_twenty_thousand_uploads_are_read_whatever_a_request_asks_for() -> None:
    asked: list[str] = []

    async def fetch(token: str) -> Page[parse.Upload]:
        asked.append(token)
        start = int(token or 0)
        items = [
            {"contentDetails": {"videoId": f"v{number:010}", "videoPublishedAt": "2026-06-01T00:00:00Z"}}
            for number in range(start, start + 50)
        ]
        return parse.uploads({"items": items, "nextPageToken": str(start + 50), "pageInfo": {"totalResults": 38_000}})

    found = asyncio.run(read_pages(fetch, min(50_000, MOST_UPLOADS)))

    assert (len(found.items), len(asked)) == (20_000, 400)
    assert not found.complete


def test_an_estimate_of_a_million_results_leads_to_no_further_page() -> None:
    videos = [video(number, channel="") for number in range(3)]
    shown = [replace(each, channel=CHANNEL) for each in videos]
    platform = Platform(videos=videos)
    platform.videos = lambda ids: {each.id: each for each in shown if each.id in ids}  # type: ignore[method-assign]

    found = ask(platform, task("refresh_yt_posts_by_genre", "cooking", language="hi"))

    assert len(found.events("post_log")) == 3
    assert (found.budget.units("search"), found.budget.units("common")) == (1, 1)


def test_a_page_token_that_is_refused_half_way_begins_the_list_again_once() -> None:
    videos = [video(number) for number in range(120)]
    second_page = [(lambda asked: asked.params.get("pageToken") == "p50", error(400, "", "invalidPageToken"), 1)]

    found = ask(
        Platform(videos=videos), task(UPLOADS, CHANNEL, max_posts=500), script=second_page, known=known(*videos)
    )

    assert len(found.events("post_log")) == 120
    assert found.outcome == Complete(240, "ytapi")


def test_a_page_token_that_comes_twice_ends_the_list_with_an_error_and_keeps_what_was_read() -> None:
    videos = [video(number) for number in range(20)]

    def loop(asked: Ask) -> Reply:
        content = [
            {"contentDetails": {"videoId": each.id, "videoPublishedAt": "2026-05-01T10:00:00.000Z"}} for each in videos
        ]
        return Reply({"items": content, "nextPageToken": "again"})

    found = ask(
        Platform(videos=videos), task(UPLOADS, CHANNEL, max_posts=500), script=[("playlistItems", loop, 9)],
        known=known(*videos),
    )  # fmt: skip

    assert isinstance(found.outcome, Failed)
    assert "does not end" in found.outcome.reason
    assert len(found.events("post_log")) == 20
    assert found.budget.units("common") == 2


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("place", ["errors", "details"])
def test_a_used_up_quota_closes_its_bucket_until_pacific_midnight(place: str, status: int) -> None:
    body: dict[str, Any] = {"code": status, place: [{"reason": "quotaExceeded", "domain": "youtube.quota"}]}

    found = ask(
        Platform([channel(1)]), task(PROFILES, channel(1).id), script=[("channels", Reply({"error": body}, status), 1)]
    )

    assert found.budget.closed == {("youtube", "common", "p1"): datetime(2026, 6, 16, 7, tzinfo=UTC)}
    assert found.outcome == Throttled(datetime(2026, 6, 16, 7, tzinfo=UTC), "youtube: common is used up")


def test_a_used_up_search_leaves_videos_open() -> None:
    budget = Budget([key()], closed={("youtube", "search", "p1"): NOW + timedelta(hours=9)})
    one = video(1)

    searched = ask(Platform(videos=[one]), task("refresh_yt_posts_by_genre", "cooking"), budget=budget)
    read = ask(Platform(videos=[one]), task(POSTS, one.id), budget=budget)

    assert isinstance(searched.outcome, Throttled)
    assert isinstance(read.outcome, Complete)


def test_a_used_up_bucket_of_counters_leaves_them_to_the_common_one() -> None:
    budget = Budget([key()], closed={("youtube", "stats", "p1"): NOW + timedelta(hours=9)})
    one = video(1)

    found = ask(Platform(videos=[one]), task(POSTS, one.id), budget=budget, known=known(one))

    assert isinstance(found.outcome, Complete)
    assert (found.budget.units("common"), found.budget.units("stats")) == (1, 0)


def test_the_key_of_another_project_takes_over_and_another_key_of_the_same_one_does_not() -> None:
    closed = [(lambda asked: asked.headers["x-goog-api-key"] == "secret-1", error(403, "", "quotaExceeded"), 5)]

    other = ask(
        Platform([channel(1)]), task(PROFILES, channel(1).id), script=closed, budget=Budget([key(1), key(2, "p2")])
    )
    same = ask(
        Platform([channel(1)]), task(PROFILES, channel(1).id), script=closed, budget=Budget([key(1), key(2, "p1")])
    )

    assert isinstance(other.outcome, Complete)
    assert isinstance(same.outcome, Throttled)
    assert [each.id for each in same.budget.used] == [1]


def test_keys_whose_project_the_source_names_share_its_buckets_from_then_on() -> None:
    refusal = {
        "code": 403,
        "errors": [{"reason": "quotaExceeded", "domain": "youtube.quota"}],
        "details": [{"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"consumer": "projects/77"}}],
    }
    budget = Budget([key(1, "key 1"), key(2, "key 2")])

    found = ask(
        Platform([channel(1)]),
        task(PROFILES, channel(1).id),
        script=[("channels", Reply({"error": refusal}, 403), 9)],
        budget=budget,
    )

    assert isinstance(found.outcome, Throttled)
    assert [each.project for each in budget.credentials] == ["projects/77", "projects/77"]
    assert list(budget.closed) == [("youtube", "common", "projects/77")]


def test_an_unchanged_list_comes_without_a_body_and_costs_a_unit_all_the_same() -> None:
    asked: list[Ask] = []
    document = {"items": [{"id": channel(1).id, "statistics": {"viewCount": "5"}}]}

    def answer(ask: Ask) -> Reply:
        asked.append(ask)
        return Reply(document, status=304 if "if-none-match" in ask.headers else 200, headers={"etag": '"quoted-1"'})

    async def work() -> Run:
        async with served(answer, "youtube") as (_, urls):
            tasks = [task(PROFILES, channel(1).id, *["UC" + "b" * 22] * 49, request=number) for number in (1, 2)]
            return await run(urls, *tasks)

    found = wait(work())

    assert [ask.headers.get("if-none-match") for ask in asked] == [None, '"quoted-1"']
    assert [event["metrics"]["view_count"] for event in found.streams["profile_log"]] == [5, 5]
    assert found.budget.units("common") == 2


def test_fields_that_no_parser_knows_are_reported_once_a_day(caplog: pytest.LogCaptureFixture) -> None:
    snippet = {"title": "T", "thumbnails": {"default": {"url": "u"}, "fhd": {"url": "v"}}}
    document = {
        "items": [{"id": channel(1).id, "snippet": snippet, "brandPartner": {}, "statistics": {"viewCount": "1"}}]
    }
    tasks = [task(PROFILES, channel(1).id, *["UC" + "b" * 22] * 49, request=number) for number in (1, 2)]

    found = ask(Platform(), *tasks, script=[("channels", Reply(document), 2)])

    (line,) = [record.message for record in caplog.records if "no parser knows" in record.message]
    assert "items.brandPartner, items.snippet.thumbnails.fhd" in line
    assert found.streams["beat_youtube_account"][0]["thumbnail"] == "u"


def test_closed_comments_are_an_answer() -> None:
    platform = Platform(videos=[video(1)])
    platform.all_comments[video(1).id] = None

    found = ask(platform, task("fetch_yt_post_comments", video(1).id))

    assert found.outcome == Empty("commentsDisabled")


def test_comments_come_with_their_replies_and_once_however_often_they_are_read() -> None:
    platform = Platform(videos=[video(1)])
    platform.all_comments[video(1).id] = [Comment(id="c1", text="fine 👍", likes=2, replies=("yes", "no"))]
    tasks = [task("fetch_yt_post_comments", video(1).id, request=number) for number in (1, 2)]

    found = ask(platform, *tasks)

    rows = found.streams["post_activity"]
    assert [row["dimensions"]["text"] for row in rows[:3]] == ["fine 👍", "yes", "no"]
    assert [row["id"] for row in rows[:3]] == [row["id"] for row in rows[3:]]
    conforms(found)


@pytest.mark.parametrize("word", ["invalid_grant", "API_KEY_INVALID"])
def test_a_refused_key_is_switched_off_and_the_next_one_answers(word: str) -> None:
    refusal: dict[str, Any] = (
        {"error": word} if word.islower() else {"error": {"code": 400, "details": [{"reason": word}]}}
    )
    bad = [(lambda asked: asked.headers["x-goog-api-key"] == "secret-1", Reply(refusal, 400), 5)]

    found = ask(
        Platform([channel(1)]), task(PROFILES, channel(1).id), script=bad, budget=Budget([key(1), key(2, "p2")])
    )

    assert found.budget.disabled == {1: word}
    assert isinstance(found.outcome, Complete)


def test_without_a_usable_key_the_request_waits_and_no_secret_is_reported() -> None:
    found = ask(Platform(), task(PROFILES, CHANNEL), keys={"other": "p"})

    assert isinstance(found.outcome, GivenBack)
    assert found.budget.disabled
    assert "secret" not in repr((found.outcome, found.budget.disabled, found.budget.used))


def test_an_empty_channel_without_a_playlist_is_different_from_one_that_does_not_exist() -> None:
    empty = ask(Platform([Channel(id=CHANNEL)]), task(UPLOADS, CHANNEL))
    gone = ask(Platform(), task(UPLOADS, CHANNEL))

    assert empty.outcome == Complete(0, "ytapi", True, ("no uploads",))
    assert gone.outcome == NotFound("channelNotFound")


def test_a_video_that_failed_among_the_counters_is_confirmed_by_the_call_that_knows() -> None:
    shown, private = video(1), video(2, is_private=True)

    found = ask(Platform(videos=[shown, private]), task(POSTS, shown.id, private.id), known=known(shown, private))

    assert found.outcome == Complete(2, "ytapi", True, (f"not found: {private.id}",))
    assert (found.budget.units("stats"), found.budget.units("common")) == (1, 1)


def test_a_row_keeps_what_the_source_does_not_say() -> None:
    one = video(1)

    found = ask(Platform(videos=[one]), task(POSTS, one.id), known=known(one))

    (row,) = found.streams["beat_youtube_post_simple"]
    assert (row["id"], row["keywords"], row["views"]) == (7, "kept", 101)
    assert "updated_at" not in row


def test_the_same_reading_of_the_same_request_is_the_same_event() -> None:
    first, again = Reading(NOW, 1), Reading(NOW + timedelta(seconds=20), 1)

    assert first.event_id("ytapi", "a") == again.event_id("ytapi", "a")
    others = [Reading(NOW, 2), Reading(NOW + timedelta(minutes=1), 1)]
    assert (
        len({first.event_id("ytapi", "a"), first.event_id("x", "a"), *(o.event_id("ytapi", "a") for o in others)}) == 4
    )


def test_a_short_is_upright_and_at_most_three_minutes_long() -> None:
    videos = [
        video(1, duration="PT2M50S", size=(720, 1280)),
        video(2, duration="PT2M50S"),
        video(3, duration="PT3M1S", size=(720, 1280)),
        video(4, duration="PT1M30S", size=(720, 1280), published_at=datetime(2024, 1, 1, tzinfo=UTC)),
    ]
    tasks = [task("refresh_yt_post_type", each.id, request=number) for number, each in enumerate(videos)]

    found = ask(Platform(videos=videos), *tasks)

    assert [row["post_type"] for row in found.streams["beat_youtube_post_simple"]] == [
        "short",
        "video",
        "video",
        "video",
    ]
    assert all("views" not in row for row in found.streams["beat_youtube_post_simple"])
    assert found.budget.units("common") == 1


def test_what_is_stored_is_read_first_so_that_no_unit_is_spent_when_it_cannot_be() -> None:
    found = ask(Platform([channel(1)]), task(PROFILES, channel(1).id), known=Known(away=True))

    assert isinstance(found.outcome, GivenBack)
    assert not found.budget.charges


def test_a_request_is_not_answered_while_its_records_are_not_durable() -> None:
    found = ask(Platform([channel(1)]), task(PROFILES, channel(1).id), sink=Sink(away=True))

    assert isinstance(found.outcome, GivenBack)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500),
        Reply({"error": {"code": 503, "errors": [{"reason": "SERVICE_UNAVAILABLE"}]}}, 403),
        Reply(damage="reset"),
        Reply({"items": [1] * 99}, damage="cut"),
        Reply({"items": list(range(9999))}, damage="cut gzip"),
        Reply("<html>Sorry</html>", headers={"content-type": "text/html"}),
        Reply('{"items": [], "items": []}'),
        Reply("[]"),
        Reply(b"\xff\xfe"),
        Reply({}, seconds=1.0),
    ],
    ids=["500", "503 as 403", "reset", "cut", "cut gzip", "HTML under 200", "twice", "a list", "no UTF-8", "slow"],
)
def test_a_source_that_fails_is_asked_again_and_then_the_request_is_given_back(reply: Reply) -> None:
    once = ask(Platform([channel(1)]), task(PROFILES, channel(1).id), script=[("channels", reply, 1)])

    assert isinstance(once.outcome, Complete)
    assert once.budget.units("common") == 2
    if not reply.seconds:
        ever = ask(Platform([channel(1)]), task(PROFILES, channel(1).id), script=[("channels", reply, 99)])
        assert isinstance(ever.outcome, GivenBack)
        assert ever.budget.units("common") == 4
        assert len(ever.slept) == 3


def test_odd_numbers_and_halves_of_characters_do_not_take_an_answer_along() -> None:
    body = (
        '{"items": [{"id": "' + CHANNEL + '", "snippet": {"title": "half \\ud83d"}, "statistics":'
        ' {"viewCount": NaN, "videoCount": 1e400, "subscriberCount": "7"}}]}'
    )

    found = ask(Platform(), task(PROFILES, CHANNEL), script=[("channels", Reply(body), 1)])

    (event,) = found.streams["profile_log"]
    assert event["metrics"] == {"subscriber_count": 7}
    assert found.streams["beat_youtube_account"][0]["title"] == "half \ufffd"


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_that_is_too_large_is_not_read_to_its_end(packed: bool) -> None:
    body = b"[" + b" " * 3_000_000 + b"]"
    reply = Reply(gzip.compress(body), headers={"content-encoding": "gzip"}) if packed else Reply(body)

    found = ask(Platform(), task(PROFILES, CHANNEL), script=[("channels", reply, 9)], most_bytes=1_000_000)

    assert isinstance(found.outcome, GivenBack)
    assert "more than 1,000,000 bytes" in found.outcome.reason


def test_seventy_megabytes_are_refused_by_the_limit_that_is_set_by_default() -> None:
    body = gzip.compress(b"[" + b" " * 70_000_000 + b"]", 1)

    async def send() -> None:
        async with StandIn(lambda asked: Reply(body, headers={"content-encoding": "gzip"})) as server:
            http = Http(most_bytes=CollectorSettings(_env_file=None).collect_answer_bytes)
            try:
                await http.send(Request(url=server.url))
            finally:
                await http.close()

    with pytest.raises(BrokenAnswerError, match="more than 32,000,000 bytes"):
        asyncio.run(send())


def test_retry_after_is_obeyed_as_seconds_and_as_a_date_of_a_clock_that_is_wrong() -> None:
    limit = {"error": {"code": 429, "errors": [{"reason": "rateLimitExceeded"}]}}
    date = {"date": "Mon, 15 Jun 2026 11:00:00 GMT", "retry-after": "Mon, 15 Jun 2026 11:00:20 GMT"}
    script = [
        ("channels", Reply(limit, 429, {"retry-after": "7"}), 1),
        ("channels", Reply(limit, 403, date), 1),
        ("channels", Reply(limit, 429, {"retry-after": "600"}), 1),
    ]

    found = ask(Platform([channel(1)]), task(PROFILES, channel(1).id), script=script)

    assert found.slept == [7.0, 20.0]
    assert isinstance(found.outcome, Throttled)
    assert found.outcome.until == NOW + timedelta(minutes=10)


def test_a_forbidden_key_says_that_shared_addresses_are_refused() -> None:
    body = {"error": {"code": 403, "errors": [{"reason": "accessNotConfigured"}]}}

    found = ask(Platform(), task(PROFILES, CHANNEL), script=[("channels", Reply(body, 403), 9)])

    assert "shared address ranges" in found.budget.disabled[1]


def test_a_credential_shows_no_secret() -> None:
    assert "secret" not in repr(Credential(id=1, source="youtube", secret="AIza-secret"))
