"""The verdict about a record: what is taken, what is emptied, and every reason why a record is refused."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest

from stir.ingest.body import MAX_BYTES
from stir.ingest.records import Checker, Verdict, checker
from stir.sources.contract import contracts
from stir.sources.reasons import REASONS

ARRIVED = datetime(2026, 6, 15, tzinfo=UTC)
POST: dict[str, Any] = {
    "event_id": "e1",
    "source": "graphapi",
    "platform": "INSTAGRAM",
    "profile_id": "17841",
    "shortcode": "Cx_1",
    "event_timestamp": "2026-06-14T12:00:00Z",
    "metrics": {"likes": 5, "comments": "12"},
}
CHANNEL: dict[str, Any] = {"id": 1, "channel_id": "UC_x5XG1OV2P6uZZ5FSM9Ttw", "subscribers": 10}


@pytest.fixture(scope="module")
def posts() -> Checker:
    return checker("events.post_log_events")


@pytest.fixture(scope="module")
def channels() -> Checker:
    return checker("beat_replica.youtube_account")


def said(verdict: Verdict) -> set[tuple[str, str, str]]:
    return {(each.reason, each.path, each.effect) for each in verdict.violations}


def body(record: Any) -> bytes:
    return json.dumps(record).encode()


def test_a_good_record_becomes_a_row_with_every_column(posts: Checker) -> None:
    verdict = posts.check_bytes(body(POST), ARRIVED)
    assert verdict.violations == ()
    assert verdict.version == "1.0.0"
    assert verdict.row == {
        **POST,
        "handle": None,
        "publish_time": None,
        "event_timestamp": datetime(2026, 6, 14, 12, tzinfo=UTC),
        "insert_timestamp": ARRIVED,
        "metrics": '{"likes":5,"comments":"12"}',
        "dimensions": "{}",
    }


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-06-14T12:00:00+05:30", datetime(2026, 6, 14, 6, 30, tzinfo=UTC)),
        ("2026-06-14T12:00:00+0000", datetime(2026, 6, 14, 12, tzinfo=UTC)),
        ("2026-06-14 12:00:00", datetime(2026, 6, 14, 12, tzinfo=UTC)),
        ("2026-06-14T12:00:00.250Z", datetime(2026, 6, 14, 12, 0, 0, 250000, tzinfo=UTC)),
        ("2026-06-14", datetime(2026, 6, 14, tzinfo=UTC)),
    ],
)
def test_the_usual_spellings_of_a_moment_are_taken(posts: Checker, text: str, moment: datetime) -> None:
    row = posts.check_bytes(body({**POST, "event_timestamp": text}), ARRIVED).row
    assert row is not None
    assert row["event_timestamp"] == moment


@pytest.mark.parametrize("spelling", [12, "12", " 12 ", 12.0, "12.0", "1.2E+01", "+12"])
def test_the_usual_spellings_of_a_counter_are_taken(channels: Checker, spelling: Any) -> None:
    verdict = channels.check_bytes(body({**CHANNEL, "subscribers": spelling}), ARRIVED)
    assert verdict.row is not None
    assert verdict.row["subscribers"] == 12
    assert verdict.violations == ()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-1, "impossible_number"),
        (10**16, "impossible_number"),
        (10**30, "impossible_number"),
        (math.nan, "impossible_number"),
        (math.inf, "impossible_number"),
        ("1e400", "impossible_number"),
        ("1,234", "wrong_type"),
        ("many", "wrong_type"),
        (12.5, "wrong_type"),
        (True, "wrong_type"),
        ([12], "wrong_type"),
        ({"count": 12}, "wrong_type"),
    ],
)
def test_a_counter_that_cannot_be_is_emptied_and_the_row_is_kept(channels: Checker, value: Any, reason: str) -> None:
    verdict = channels.check_bytes(body({**CHANNEL, "subscribers": value}), ARRIVED)
    assert said(verdict) == {(reason, "subscribers", "empty")}
    assert verdict.row is not None
    assert verdict.row["subscribers"] is None
    assert verdict.row["channel_id"] == CHANNEL["channel_id"]


def test_every_violation_is_listed_and_none_repeats_a_value(posts: Checker) -> None:
    bad = {
        "event_id": 5,
        "platform": "FACEBOOK",
        "profile_id": " ",
        "event_timestamp": "2026-02-30T00:00:00Z",
        "publish_time": "2030-01-01",
        "metrics": {"likes": -1},
        "dimensions": 7,
        "hashtags": "secret",
    }
    verdict = posts.check_bytes(body(bad), ARRIVED)
    assert verdict.row is None
    assert said(verdict) >= {
        ("wrong_type", "event_id", "refuse"),
        ("wrong_type", "source", "refuse"),
        ("unknown_value", "platform", "refuse"),
        ("missing_key", "profile_id", "refuse"),
        ("missing_key", "shortcode", "refuse"),
        ("impossible_timestamp", "event_timestamp", "refuse"),
        ("no_number", "metrics", "refuse"),
        ("wrong_type", "dimensions", "refuse"),
        ("unknown_value", "hashtags", "empty"),
    }
    assert not any(word in each.message for each in verdict.violations for word in ("FACEBOOK", "secret", "2030"))
    assert {each.reason for each in verdict.violations} <= REASONS.keys()


@pytest.mark.parametrize(
    ("sent", "reason", "path"),
    [
        (b"", "undecodable", "$"),
        (b"\xff\xfe", "not_utf8", "$"),
        (body(POST)[:-1], "undecodable", "$"),
        (b"[]", "undecodable", "$"),
        (b'"text"', "undecodable", "$"),
        (b'{"handle": "a\x00b"}', "undecodable", "$"),
        (b'{"event_id": "x", "event_id": "y"}', "undecodable", "event_id"),
        (b'{"metrics": {"likes": 1, "likes": 2}}', "undecodable", "metrics.likes"),
        (b'{"dimensions": {"tags": [{}, {"a": 1, "a": 1}]}}', "undecodable", "dimensions.tags[1].a"),
        (b"[" * 100_000, "undecodable", "$"),
        (b'{"a": ' * 100_000, "undecodable", "$"),
        (b'{"x": {"a": 1, "a": 2}, "b": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "undecodable", "$"),
        (b'{"x": {"a": 1, "a": 2}, "b"', "undecodable", "$"),
        (b'{"metrics": ' + b'{"a": ' * 50_000, "undecodable", "$"),
        (b" " * (64 << 20), "too_large", "$"),
        (body(POST) + b" " * MAX_BYTES, "too_large", "$"),
        (body({**POST, "profile_id": "a\0b"}), "missing_key", "profile_id"),
        (body({**POST, "handle": "\ud800"}), "not_utf8", "handle"),
        (body({**POST, "profile_id": "x" * 256}), "missing_key", "profile_id"),
        (body({**POST, "metrics": {"likes": math.nan}}), "no_number", "metrics"),
        (body({**POST, "metrics": '{"likes": 1'}), "malformed_json", "metrics"),
        (body({**POST, "metrics": "[1]"}), "no_number", "metrics"),
        (body({**POST, "event_timestamp": "2004-12-31T23:59:59Z"}), "impossible_timestamp", "event_timestamp"),
        (body({**POST, "event_timestamp": "2026-06-15T00:10:01Z"}), "future_timestamp", "event_timestamp"),
        (body({**POST, "insert_timestamp": "2027-01-01T00:00:00Z"}), "future_timestamp", "insert_timestamp"),
        (body({**POST, "_schema_version": "9.0.0"}), "schema_not_found", "_schema_version"),
        (body({**POST, "_schema_version": 1}), "schema_not_found", "_schema_version"),
        (body({**POST, "_schema": "events.profile_log_events"}), "schema_not_found", "_schema"),
    ],
)
def test_a_hostile_body_is_refused_with_its_reason_and_place(
    posts: Checker, sent: bytes, reason: str, path: str
) -> None:
    verdict = posts.check_bytes(sent, ARRIVED)
    assert verdict.row is None
    assert (reason, path, "refuse") in said(verdict)


def test_a_record_may_name_its_contract_and_version(posts: Checker) -> None:
    named = {**POST, "_schema": "events.post_log_events", "_schema_version": "1.0.0"}
    verdict = posts.check(named, ARRIVED)
    assert verdict == posts.check(POST, ARRIVED)
    assert verdict.row is not None


def test_only_the_answers_of_a_language_model_need_no_counter() -> None:
    record = {name: value for name, value in POST.items() if name not in ("shortcode", "metrics")}
    profiles = checker("events.profile_log_events")
    assert said(profiles.check(record, ARRIVED)) == {("no_number", "metrics", "refuse")}
    answer = profiles.check({**record, "source": "openapi_profile_info_v0.12"}, ARRIVED)
    assert answer.row is not None
    assert answer.row["metrics"] == "{}"


def test_a_number_that_json_does_not_know_stays_in_a_document_as_text(posts: Checker) -> None:
    sent = body({**POST, "metrics": {"likes": math.nan, "comments": 3, "reach": 0.5}}).replace(b"0.5", b"1e400")
    verdict = posts.check_bytes(sent, ARRIVED)
    assert said(verdict) == {
        ("impossible_number", "metrics.likes", "keep"),
        ("impossible_number", "metrics.reach", "keep"),
    }
    assert verdict.row is not None
    assert verdict.row["metrics"] == '{"likes":"NaN","comments":3,"reach":"Infinity"}'


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.name)
def test_a_checker_takes_an_empty_record_and_says_what_is_missing(contract: Any) -> None:
    verdict = checker(contract.name).check({}, ARRIVED)
    required = {field.name for field in contract.fields if field.required or field.counters}
    assert required
    assert {each.path for each in verdict.violations} == required
    assert verdict.row is None


def test_a_text_that_is_no_unicode_in_a_list_is_a_wrong_type_and_no_error() -> None:
    verdict = checker("events.post_log_events").check({"event_id": ["half \ud800"], "platform": {"\ud800": 1}}, ARRIVED)
    assert verdict.row is None
    assert {("wrong_type", "event_id"), ("wrong_type", "platform")} <= {
        (each.reason, each.path) for each in verdict.violations
    }
