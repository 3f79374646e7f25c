"""The scrape queue on a real PostgreSQL: nothing doubled, nothing lost, the right one first."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from stir.scrape_queue import queue

from .conftest import NOON, Connect, request

SOON = NOON + timedelta(minutes=1)


def states(session: psycopg.Connection) -> dict[str, tuple[str, int]]:
    rows = session.execute("select idempotency_key, status, retry_count from scrape_request_log").fetchall()
    return {key: (status, retries) for key, status, retries in rows}


def test_a_key_is_asked_for_once_however_often_and_by_however_many(connect: Connect) -> None:
    sessions = [connect() for _ in range(4)]
    offered = [request(f"key-{number}") for number in range(500)]
    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(lambda session: queue.enqueue(session, offered, moment=NOON), sessions))
    assert sum(added) == 500
    assert queue.enqueue(sessions[0], [*offered, request("new")], moment=SOON) == 1
    created = sessions[0].execute("select count(*) from scrape_request_log where created_at = %s", [NOON]).fetchone()
    assert created == (500,), "a request that stands is left as it is"


# A shorter burst is shared in the same way.
@pytest.mark.parametrize("number", [10_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_four_workers_share_a_burst_without_a_double_pick(connect: Connect, number: int) -> None:
    session = connect()
    burst = [request(f"burst-{each}", priority=1 + each % 9) for each in range(number)]
    assert queue.enqueue(session, burst, moment=NOON) == number
    assert queue.enqueue(session, burst, moment=SOON) == 0

    def work(worker: psycopg.Connection) -> list[int]:
        mine = []
        while picked := queue.pick(worker, 500, moment=SOON):
            mine += [each.id for each in picked]
            assert queue.complete(worker, picked, moment=SOON) == len(picked)
        return mine

    workers = [connect() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(work, workers))
    ids = Counter(each for share in shares for each in share)
    assert len(ids) == number
    assert set(ids.values()) == {1}
    assert session.execute("select status, count(*) from scrape_request_log group by status").fetchall() == [
        ("COMPLETE", number)
    ]


def test_single_picks_by_four_workers_never_meet(connect: Connect) -> None:
    queue.enqueue(connect(), [request(f"key-{number}") for number in range(400)], moment=NOON)

    def work(worker: psycopg.Connection) -> list[int]:
        mine = []
        while picked := queue.pick(worker, moment=SOON):
            mine.append(picked[0].id)
        return mine

    with ThreadPoolExecutor(4) as pool:
        ids = [each for share in pool.map(work, [connect() for _ in range(4)]) for each in share]
    assert len(ids) == len(set(ids)) == 400


def test_highest_priority_first_then_the_oldest_and_nothing_expired(connect: Connect) -> None:
    session = connect()
    queue.enqueue(session, [request("late", priority=3)], moment=SOON)
    queue.enqueue(session, [request("early", priority=3), request("urgent", priority=1)], moment=NOON)
    queue.enqueue(session, [request("gone", priority=1, expires_at=SOON)], moment=NOON)
    assert [each.params["handle"] for each in queue.pick(session, 9, moment=SOON)] == ["urgent", "early", "late"]


def test_a_worker_gets_only_the_flows_it_can_answer(connect: Connect) -> None:
    session = connect()
    queue.enqueue(session, [request("a", flow="one"), request("b", flow="two")], moment=NOON)
    assert [each.flow for each in queue.pick(session, 9, moment=NOON, flows=["two"])] == ["two"]
    assert queue.pick(session, 9, moment=NOON, flows=[]) == []


def test_a_failed_request_is_tried_again_until_it_was_often_enough(connect: Connect) -> None:
    session = connect()
    queue.enqueue(session, [request("poor"), request("gone")], moment=NOON)
    for attempt in range(queue.MAX_RETRIES + 1):
        poor, *rest = sorted(queue.pick(session, 9, moment=SOON), key=lambda each: each.params["handle"], reverse=True)
        assert poor.retry_count == attempt
        assert queue.fail(session, poor, "(500) upstream error", moment=SOON)
        for gone in rest:
            assert queue.fail(session, gone, "(404) no such profile", moment=SOON, retry=False)
    assert states(session) == {"poor": ("FAILED", queue.MAX_RETRIES), "gone": ("FAILED", 0)}
    assert queue.pick(session, 9, moment=SOON) == []


def test_a_stuck_request_is_released_and_its_late_worker_changes_nothing(connect: Connect) -> None:
    session = connect()
    queue.enqueue(session, [request("stuck"), request("other", platform="YOUTUBE")], moment=NOON)
    held = {each.params["handle"]: each for each in queue.pick(session, 9, moment=NOON)}
    just_before = NOON + queue.LEASE - timedelta(seconds=1)
    assert queue.reset_stuck(session, moment=just_before) == (0, 0)
    assert queue.reset_stuck(session, moment=NOON + queue.LEASE, platform="INSTAGRAM") == (1, 0)
    assert states(session) == {"stuck": ("PENDING", 1), "other": ("PROCESSING", 0)}
    again = queue.pick(session, moment=NOON + queue.LEASE)[0]
    assert again.retry_count == 1
    assert queue.complete(session, [held["stuck"]], moment=SOON) == 0, "its lease is another's now"
    assert not queue.fail(session, held["stuck"], "(500) late", moment=SOON)
    assert queue.complete(session, [again], moment=SOON) == 1


def test_a_request_that_kills_its_workers_fails_in_the_end(connect: Connect) -> None:
    session, moment = connect(), NOON
    queue.enqueue(session, [request("poison", expires_at=NOON + timedelta(days=1))], moment=NOON)
    outcomes = []
    for _ in range(queue.MAX_RETRIES + 1):
        queue.pick(session, moment=moment)
        moment += queue.LEASE
        outcomes.append(queue.reset_stuck(session, moment=moment))
    assert outcomes == [(1, 0)] * queue.MAX_RETRIES + [(0, 1)]
    assert states(session)["poison"][0] == "FAILED"


def test_depth_counts_what_waits_or_is_held_and_expired_requests_are_closed(connect: Connect) -> None:
    session = connect()
    offered = [request(name) for name in "abc"]
    queue.enqueue(session, [*offered, request("d", expires_at=SOON)], moment=NOON)
    queue.complete(session, queue.pick(session, moment=NOON), moment=NOON)
    queue.pick(session, moment=NOON)
    assert queue.depth(session, "refresh_profile_by_handle", moment=NOON) == 3
    assert queue.depth(session, "refresh_profile_by_handle", moment=SOON) == 2
    assert queue.expire(session, moment=SOON) == 1
    assert states(session)["d"] == ("FAILED", 0)


def test_preparing_at_the_same_time_is_harmless(connect: Connect) -> None:
    session = connect()
    session.execute("drop table scrape_request_log, stir_migration")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(queue.prepare, [connect() for _ in range(4)]))
    assert queue.pick(session, moment=NOON) == []


@pytest.mark.parametrize("damage", [{"priority": 0}, {"params": {"handle": "\x00"}}])
def test_a_request_that_cannot_be_stored_leaves_none_of_its_statement(
    connect: Connect, damage: dict[str, object]
) -> None:
    session = connect()
    with pytest.raises(psycopg.Error):
        queue.enqueue(session, [request("fine"), request("broken", **damage)], moment=NOON)  # type: ignore[arg-type]
    assert states(session) == {}
