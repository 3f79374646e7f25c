"""From candidates to requests: windows, guards, quarantine, batches, caps and budgets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stir.triggers.plan import Capacity, LastRequests, Plan, Quarantine, key_for, plan, window_start
from stir.triggers.spec import TriggerSpec, Window

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def spec(**fields: Any) -> TriggerSpec:
    values: dict[str, Any] = {
        "candidates": "any",
        "flow": "refresh_profile_by_handle",
        "priority": 2,
        "limit": 100,
        "window": Window(every=12 * HOUR),
        **fields,
    }
    return TriggerSpec(**values)


def row(entity: str, priority: int = 0, **columns: Any) -> dict[str, Any]:
    return {"entity": entity, "priority": priority, **columns}


def planned(given: TriggerSpec, rows: Any, **more: Any) -> Plan:
    known: dict[str, Any] = {
        "asked": {},
        "quarantines": {},
        "capacity": Capacity(requests=1000),
        "moment": NOON,
        **more,
    }
    return plan(given, rows, **known)


def entities(done: Plan) -> list[Any]:
    return [next(iter(request.params.values())) for request in done.requests]


def asked_at(moment: datetime) -> LastRequests:
    return LastRequests(last_at=moment, failed_at=None)


def failed_at(moment: datetime) -> LastRequests:
    return LastRequests(last_at=None, failed_at=moment)


def test_a_request_says_flow_entity_window_priority_and_until_when_it_is_worth_it() -> None:
    done = planned(spec(), [row("ann", priority=3)])
    (request,) = done.requests
    assert request.key == "refresh_profile_by_handle:ann:20260615T120000Z"
    assert (request.platform, request.params, request.priority) == ("INSTAGRAM", {"handle": "ann"}, 5)
    assert request.expires_at == NOON + 12 * HOUR
    assert request.account_id == "ann"


def test_nothing_is_asked_twice_within_its_window_and_again_when_it_is_over() -> None:
    just_within, over = NOON - 12 * HOUR + timedelta(seconds=1), NOON - 12 * HOUR
    known = {("a", ""): asked_at(just_within), ("b", ""): asked_at(over)}
    done = planned(spec(), [row("a"), row("b")], asked=known)
    assert (entities(done), done.asked) == (["b"], 1)


@pytest.mark.parametrize("hours", [3, 6, 12, 24, 24 * 7])
def test_requests_that_are_a_window_apart_never_share_a_key(hours: int) -> None:
    given = spec(window=Window(every=hours * HOUR))
    first = NOON + timedelta(minutes=17, seconds=3)
    keys = {key_for(given, row("a"), {}, first + step * hours * HOUR) for step in range(50)}
    assert len(keys) == 50


def test_a_colon_in_an_entity_does_not_make_two_keys_one() -> None:
    given = spec(window=Window())
    assert key_for(given, row("a:b"), {}, NOON) != key_for(given, row("a%3Ab"), {}, NOON)
    assert key_for(given, row("a:b"), {}, NOON).count(":") == 2
    since = spec(window=Window(per="since"))
    assert key_for(since, row("a", since="10:30"), {}, NOON).count(":") == 2


def test_a_cool_down_of_the_source_is_the_window_of_the_row() -> None:
    given = spec(window=Window(every=31 * DAY, cool_down="cool_down_seconds"))
    rows = [row("daily", cool_down_seconds=86_400), row("monthly", cool_down_seconds=30 * 86_400)]
    yesterday = {("daily", ""): asked_at(NOON - DAY), ("monthly", ""): asked_at(NOON - DAY)}
    assert entities(planned(given, rows, asked=yesterday)) == ["daily"]


def test_without_a_window_nothing_is_asked_twice_but_what_failed_is_tried_again_later() -> None:
    given = spec(window=Window(retry_after=DAY))
    known = {
        ("done", ""): asked_at(NOON - 400 * DAY),
        ("failed", ""): failed_at(NOON - DAY),
        ("just failed", ""): failed_at(NOON - 23 * HOUR),
    }
    done = planned(given, [row(name) for name in ("new", "done", "failed", "just failed")], asked=known)
    keys = [request.key.split(":", 1)[1] for request in done.requests]
    assert keys == ["new:once", "failed:after20260614T120000Z"]


def test_a_failed_request_counts_like_any_other_unless_the_spec_says_otherwise() -> None:
    lately = {("a", ""): failed_at(NOON - HOUR)}
    assert planned(spec(), [row("a")], asked=lately).asked == 1
    assert planned(spec(window=Window()), [row("a")], asked=lately).asked == 1
    forgiving = spec(window=Window(every=30 * DAY, retry_after=HOUR))
    assert entities(planned(forgiving, [row("a")], asked=lately)) == ["a"]


def test_another_picture_is_asked_for_at_once() -> None:
    given = spec(window=Window(per="url_hash"), params=("url_hash",))
    known = {("a", "old"): asked_at(NOON)}
    done = planned(given, [row("a", url_hash="old"), row("a", url_hash="new")], asked=known)
    assert [request.key for request in done.requests] == ["refresh_profile_by_handle:a:new"]


@pytest.mark.parametrize(("version", "asked"), [("v1", 1), ("v2", 0)])
def test_another_version_of_a_prompt_is_asked_at_once(version: str, asked: int) -> None:
    given = spec(
        window=Window(every=30 * DAY, per="prompt_version"),
        constants={"prompt_version": version, "max_tokens": 100},
    )
    assert planned(given, [row("a")], asked={("a", "v1"): asked_at(NOON - HOUR)}).asked == asked


def test_quarantine_holds_until_its_end() -> None:
    quarantines = {
        "held": Quarantine(until=NOON + timedelta(seconds=1), isolated=True),
        "free": Quarantine(until=NOON, isolated=True),
        "once": Quarantine(until=None, isolated=True),
    }
    done = planned(spec(), [row(name) for name in quarantines], quarantines=quarantines)
    assert (entities(done), done.quarantined) == (["free", "once"], 1)


def test_the_limit_counts_what_is_asked_and_reading_stops_there() -> None:
    def endless() -> Any:
        number = 0
        while True:
            yield row(f"p{number}")
            number += 1

    done = planned(spec(limit=3), endless(), asked={("p0", ""): asked_at(NOON)})
    assert (entities(done), done.candidates, done.asked) == (["p1", "p2", "p3"], 4, 1)


def test_a_full_queue_takes_the_most_urgent_and_says_what_it_left() -> None:
    rows = [row(name) for name in "abcd"]
    done = planned(spec(), rows, capacity=Capacity(requests=3))
    assert (entities(done), done.capped) == (["a", "b", "c"], 1)
    assert planned(spec(), rows, capacity=Capacity(requests=-5)).capped == 4


def test_ids_are_batched_by_priority_and_an_id_that_failed_last_is_alone() -> None:
    rows = [row(f"c{number:02}", priority=number // 45) for number in range(90)]
    done = planned(spec(flow="refresh_yt_profiles"), rows, quarantines={"c03": Quarantine(until=None, isolated=True)})
    sizes = [(request.priority, len(request.params["channel_ids"])) for request in done.requests]
    assert sizes == [(2, 40), (2, 4), (2, 1), (3, 40), (3, 5)]
    assert done.requests[2].params == {"channel_ids": ["c03"]}
    sent = [each for request in done.requests for each in request.params["channel_ids"]]
    assert sorted(sent) == [f"c{number:02}" for number in range(90)]
    assert len({request.key for request in done.requests}) == 5


def test_room_is_counted_in_requests_and_what_is_left_in_entities() -> None:
    rows = [row(f"c{number:02}") for number in range(90)]
    done = planned(spec(flow="refresh_yt_profiles"), rows, capacity=Capacity(requests=2))
    assert (len(done.requests), done.capped) == (2, 10)


def test_inference_stays_within_the_days_tokens() -> None:
    given = spec(
        flow="refresh_instagram_gpt_data_base_gender",
        window=Window(every=30 * DAY, per="prompt_version"),
        params=("data.name",),
        constants={"prompt_version": "v1", "max_tokens": 400},
    )
    rows = [row(name, name=name.upper()) for name in "abc"]
    done = planned(given, rows, capacity=Capacity(requests=9, tokens=999))
    assert (entities(done), done.over_budget) == (["a", "b"], 1)
    wanted = {"handle": "a", "data": {"name": "A"}, "prompt_version": "v1", "max_tokens": 400}
    assert done.requests[0].params == wanted
    assert planned(given, rows, capacity=Capacity(requests=9, tokens=-1)).over_budget == 3


def test_windows_are_counted_from_1970() -> None:
    assert window_start(NOON + timedelta(minutes=59), 6 * HOUR) == NOON
    assert window_start(NOON - timedelta(seconds=1), 6 * HOUR) == NOON - 6 * HOUR
