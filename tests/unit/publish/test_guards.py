"""Each guard refuses what it is for, says both figures, and lets pass what is waived by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stir.errors import StirError
from stir.publish.checks import guards
from stir.publish.data_age import DataAge
from stir.publish.ledger.generations import Generation
from stir.publish.spec import Guards
from stir.publish.state import PublishState

from .example import BOARD

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SPEC = replace(BOARD, guards=Guards(minimum_rows=10, shrink=0.3, growth=3, freshness=timedelta(hours=6)))
LIVE = Generation(
    generation=7,
    event="publish",
    content=7,
    run_id="r7",
    stored_as="board__000000000000",
    table_oid=1,
    rows=100,
    bytes=1,
    checksum="crc32:1",
    fingerprint="f",
    watermark=datetime(2026, 6, 15, 8, tzinfo=UTC),
    published_at=NOW,
    published_by="stir_writer",
    mode="rename",
    kept=True,
    feeds={
        "events.post_log_events (YOUTUBE)": "2026-06-15 08:00:00+00",
        "beat_replica.youtube_account": "2026-06-15 09:00:00+00",
    },
    as_of="2026-06-15 10:00:00+00",
)
FINE = PublishState(
    name="board",
    target="prod",
    run_id="r8",
    token="aaaaaaaa",
    rows=100,
    watermark="2026-06-15 08:00:00.000000+00",
    feeds=LIVE.feeds,
    as_of=LIVE.as_of,
)


def test_a_stopped_feed_is_refused_only_where_the_setting_says_so_and_can_be_waived() -> None:
    stale = replace(FINE, warnings=("feed beat_replica.youtube_account has stopped: its newest data are of ...",))

    guards.check(SPEC, stale, LIVE, NOW)
    with pytest.raises(StirError, match=r"guard freshness refuses: feed beat_replica\.youtube_account has stopped"):
        guards.check(SPEC, stale, LIVE, NOW, refuse_stopped=True)
    guards.check(SPEC, replace(stale, allow=("freshness",)), LIVE, NOW, refuse_stopped=True)
    guards.check(SPEC, FINE, LIVE, NOW, refuse_stopped=True)


@pytest.mark.parametrize(
    ("change", "guard", "figures"),
    [
        ({"rows": 0}, "minimum-rows", "0 rows, at least 10"),
        ({"rows": 69}, "shrink", "69 rows would replace 100 (-31%, allowed -30%)"),
        ({"rows": 301}, "growth", "301 rows would replace 100"),
        (
            {"feeds": {**LIVE.feeds, "events.post_log_events (YOUTUBE)": "2026-06-15 07:59:59+00"}},
            "freshness",
            "events.post_log_events (YOUTUBE) is of 2026-06-15 07:59:59, but readers already have 2026-06-15 08:",
        ),
        (
            {"as_of": "2026-06-15 09:59:59+00"},
            "freshness",
            "as of 2026-06-15 09:59:59, readers have one as of 2026-06-15 10:",
        ),
    ],
)
def test_a_guard_refuses_with_both_figures(change: dict[str, object], guard: str, figures: str) -> None:
    state = replace(FINE, **change)  # type: ignore[arg-type]
    with pytest.raises(StirError) as refusal:
        guards.check(SPEC, state, LIVE, NOW)
    assert f"guard {guard} refuses: " in refusal.value.line
    assert figures in refusal.value.line
    waived = replace(state, allow=Guards.NAMES)
    guards.check(SPEC, waived, LIVE, NOW)


def test_the_fewest_rows_that_are_promised_pass_and_one_less_does_not() -> None:
    guards.check(SPEC, replace(FINE, rows=10), None, NOW)
    with pytest.raises(StirError, match="guard minimum-rows refuses: 9 rows, at least 10 are required"):
        guards.check(SPEC, replace(FINE, rows=9), None, NOW)


def test_no_age_is_refused_where_none_is_promised_or_known() -> None:
    guards.check(replace(SPEC, guards=Guards()), FINE, LIVE, NOW + timedelta(days=900))
    guards.check(SPEC, replace(FINE, watermark=""), LIVE, NOW)


@pytest.mark.parametrize("rows", [70, 100, 300])
def test_values_at_the_limits_pass(rows: int) -> None:
    guards.check(SPEC, replace(FINE, rows=rows), LIVE, NOW)


def test_stale_content_is_refused_even_for_a_first_publish() -> None:
    with pytest.raises(StirError, match="guard freshness refuses"):
        guards.check(SPEC, FINE, None, NOW + timedelta(hours=2, seconds=1))


def test_waiving_one_guard_does_not_waive_another() -> None:
    with pytest.raises(StirError, match="guard shrink refuses"):
        guards.check(SPEC, replace(FINE, rows=1, allow=("minimum-rows",)), LIVE, NOW)


def test_a_guard_that_does_not_exist_cannot_be_waived() -> None:
    with pytest.raises(StirError, match="there is no guard 'schrink'; use one of: minimum-rows, shrink"):
        guards.check_names(["schrink"])


@pytest.mark.parametrize(
    ("change", "live"),
    [
        ({"rows": 10}, replace(LIVE, rows=10)),
        ({"rows": 70}, LIVE),
        ({"rows": 300}, LIVE),
        ({"watermark": "2026-06-15 06:00:00+00"}, None),
        ({"watermark": "2026-06-15 06:00:00+00"}, replace(LIVE, watermark=datetime(2026, 6, 15, 6, tzinfo=UTC))),
    ],
)
def test_exactly_what_a_guard_allows_passes(change: dict[str, object], live: Generation | None) -> None:
    guards.check(SPEC, replace(FINE, **change), live, NOW)  # type: ignore[arg-type]


def test_one_row_fewer_than_promised_is_refused() -> None:
    with pytest.raises(StirError, match="guard minimum-rows refuses: 9 rows, at least 10 are required"):
        guards.check(SPEC, replace(FINE, rows=9), replace(LIVE, rows=10), NOW)


def test_content_a_second_older_than_allowed_is_refused() -> None:
    with pytest.raises(StirError, match="guard freshness refuses"):
        guards.check(SPEC, replace(FINE, watermark="2026-06-15 05:59:59+00"), None, NOW)


def test_without_guards_of_its_own_a_table_may_not_be_empty_halved_or_twentyfold() -> None:
    assert Guards() == Guards(minimum_rows=1, shrink=0.5, growth=20.0, freshness=None)


def test_data_of_an_older_version_that_named_no_feeds_are_not_compared() -> None:
    before = replace(LIVE, feeds={}, as_of="")
    guards.check(SPEC, replace(FINE, feeds={"beat_replica.youtube_account": "2026-06-01 00:00:00+00"}), before, NOW)


def test_the_watermark_is_that_of_the_feed_that_ended_first() -> None:
    feeds = {
        "events.post_log_events (INSTAGRAM)": "2026-06-15 08:00:00+00",
        "beat_replica.youtube_account": "2026-06-14 01:00:00+00",
    }
    assert DataAge("2026-06-15 10:00:00+00", feeds).watermark == "2026-06-14 01:00:00+00"
    assert DataAge().watermark == ""


@pytest.mark.parametrize(("hours", "warns"), [(30, False), (31, True)])
def test_a_stopped_feed_is_named_though_another_goes_on(hours: int, warns: bool) -> None:
    feeds = {
        "events.post_log_events (INSTAGRAM)": "2026-06-15 09:00:00+00",
        "events.post_log_events (YOUTUBE)": f"{NOW - timedelta(hours=hours):%F %T}+00",
    }
    said = list(guards.warnings(DataAge(f"{NOW:%F %T}+00", feeds)))
    assert len(said) == warns
    assert all("feed events.post_log_events (YOUTUBE) has stopped" in line and "1 d 7 h" in line for line in said)
