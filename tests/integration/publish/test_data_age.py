"""A published table is as new as its data: readers, guard, promise and page see a feed that stopped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from stir import connections
from stir.dags.ui.pages import generations_page
from stir.errors import StirError
from stir.operations.freshness import look
from stir.operations.freshness_targets import Promise
from stir.publish import SPECS, publish
from stir.settings import Settings

from .left_overs import BOARD, generations
from .marts import Mart, marts, rows_of

START = datetime(2026, 6, 15, tzinfo=UTC)
POSTS, PROFILES, VIDEOS = "beat_replica.instagram_post_simple", "events.profile_log_events (INSTAGRAM)", "YOUTUBE"
STOPPED = f"events.profile_log_events ({VIDEOS})"
PROMISE = Promise("publication", "prod.leaderboard", timedelta(hours=30), 1)


def built(mart: Mart, version: int, as_of: int, stopped_at: int) -> Mapping[str, int]:
    """A build whose feeds all go on to `as_of` (seconds after START) but for one, which ended at `stopped_at`."""
    mart.build(version)
    feeds = {POSTS: as_of, PROFILES: as_of, STOPPED: stopped_at}
    mart.note_data(feeds, as_of)
    return feeds


def at(place: Settings, seconds: int) -> Settings:
    """The settings some seconds after START."""
    return place.model_copy(update={"as_of": (START + timedelta(seconds=seconds)).isoformat()})


def test_a_stopped_feed_is_said_by_the_watermark_the_guard_the_promise_and_the_page(
    place: Settings, mart: Mart
) -> None:
    hour = 3600
    built(mart, 1, as_of=20 * hour, stopped_at=0)
    fresh = publish(place, BOARD)
    assert fresh.watermark == "2026-06-15 00:00:00.000000+00"
    assert fresh.warnings == ()
    assert look(at(place, 20 * hour), [PROMISE]).readings[0].kept
    assert "2026-06-15 00:00:00 (20 h before this publish)" in generations_page(place, "prod", "leaderboard")

    built(mart, 2, as_of=40 * hour, stopped_at=0)
    strict = place.model_copy(update={"publish_stopped_feed": "refuse"})
    with pytest.raises(StirError, match=rf"guard freshness refuses: feed {re.escape(STOPPED)} has stopped"):
        publish(strict, BOARD)
    assert publish(place, BOARD, run_id="look").watermark == fresh.watermark, "the other feeds' news reach readers"
    built(mart, 20, as_of=40 * hour, stopped_at=0)
    stale = publish(strict, BOARD, allow=("freshness",))
    assert stale.outcome == "published"
    assert stale.watermark == fresh.watermark
    assert stale.warnings == (
        f"feed {STOPPED} has stopped: its newest data are of 2026-06-15 00:00:00, 1 d 16 h before this publish, "
        "expected within 1 d 6 h",
    )
    with connections.postgres(place, role="reader") as reader:
        [(watermark,)] = reader.execute(
            "select watermark from stir.generation where table_name = 'leaderboard' order by generation desc limit 1"
        ).fetchall()
    assert watermark == START
    [reading] = look(at(place, 40 * hour), [PROMISE]).readings
    assert not reading.kept
    assert reading.seen == f"its data is 1 d 16 h old: feed {STOPPED} ended 2026-06-15 00:00:00"
    page = generations_page(place, "prod", "leaderboard")
    assert f"feed {STOPPED} has stopped" in page
    assert "2026-06-15 00:00:00 (1 d 16 h before this publish)" in page


def test_the_time_series_tells_of_the_feed_that_stopped_beside_one_that_goes_on(place: Settings) -> None:
    spec, series = SPECS["time_series"], marts(place)["time_series"]
    hour = 3600
    built(series, 1, as_of=20 * hour, stopped_at=10 * hour)
    fresh = publish(place, spec)
    assert (fresh.outcome, fresh.warnings) == ("published", ())
    assert fresh.watermark == "2026-06-15 10:00:00.000000+00", "the slower of its two feeds"

    built(series, 2, as_of=60 * hour, stopped_at=10 * hour)
    strict = place.model_copy(update={"publish_stopped_feed": "refuse"})
    refusal = rf"guard freshness refuses: feed {re.escape(STOPPED)} has stopped"
    with pytest.raises(StirError, match=refusal):
        publish(strict, spec)
    assert published_series(place) == (1, rows_of(1)), "what was refused is not half there"
    stale = publish(place, spec, run_id="stale series")
    assert stale.outcome == "published"
    assert stale.watermark == fresh.watermark
    assert [warning.partition(":")[0] for warning in stale.warnings] == [f"feed {STOPPED} has stopped"]
    page = generations_page(place, "prod", spec.table)
    assert f"feed {STOPPED} has stopped" in page

    built(series, 3, as_of=61 * hour, stopped_at=60 * hour)
    again = publish(strict, spec)
    assert (again.outcome, again.warnings) == ("published", ())
    assert again.watermark == "2026-06-17 12:00:00.000000+00"


def published_series(place: Settings) -> tuple[int, int]:
    """The version of the series that readers see, and how many rows it has."""
    with connections.postgres(place, role="reader") as reader:
        row = reader.execute("select max(uploads), count(*) from social_profile_time_series").fetchone()
    assert row is not None
    return row[0], row[1]


def test_unchanged_content_of_newer_data_gets_the_newer_watermark(place: Settings, mart: Mart) -> None:
    version = 3
    built(mart, version, as_of=200_000, stopped_at=190_000)
    assert publish(place, BOARD).outcome == "published"
    before = generations(place)[-1]
    built(mart, version, as_of=210_000, stopped_at=205_000)
    assert publish(place, BOARD).outcome == "unchanged"
    live = generations(place)[-1]
    assert live.generation == before.generation
    assert live.watermark == START + timedelta(seconds=205_000)
    built(mart, version, as_of=100_000, stopped_at=50_000)
    assert publish(place, BOARD).outcome == "unchanged"
    assert generations(place)[-1].watermark == live.watermark, "a past day does not take the moment back"


@pytest.mark.parametrize(
    ("as_of", "stopped_at", "words"),
    [
        (250_000, 290_000, "its mart was built as of 2026-06-17 21:26:40, readers have one as of 2026-06-18 11:20:00"),
        (
            310_000,
            280_000,
            f"newest data of {STOPPED} is of 2026-06-18 05:46:40, but readers already have 2026-06-18 08:33:20",
        ),
    ],
)
def test_neither_a_past_day_nor_older_data_of_one_feed_replaces_what_readers_have(
    place: Settings, mart: Mart, as_of: int, stopped_at: int, words: str
) -> None:
    built(mart, 4, as_of=300_000, stopped_at=290_000)
    assert publish(place, BOARD, force=True).outcome == "published"
    built(mart, 5, as_of=as_of, stopped_at=stopped_at)
    with pytest.raises(StirError) as refusal:
        publish(place, BOARD)
    assert "guard freshness refuses" in refusal.value.line
    assert words in refusal.value.line
