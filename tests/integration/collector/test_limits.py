"""Limits on a real PostgreSQL: nothing beyond them, whoever asks and whenever."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from pydantic import SecretStr

from stir.collector import credentials
from stir.collector.limit_rules import Limit, LimitSettings
from stir.collector.limits import SharedBudget, Source
from stir.collector.pacific import next_midnight, pacific_day
from stir.collector.protocol import Charge, Later, NoCredential, Usage
from stir.collector.quota import ledger
from stir.collector.session import Session
from stir.errors import StirError
from stir.ingest.vault import Vault
from stir.settings import Settings

from .budgets import NO_LIMITS, NOON, SOURCES, Clock, budget_with, until_refused
from .conftest import add


def test_keys_of_one_project_share_their_buckets_and_the_least_used_goes_first(
    settings: Settings, tables: psycopg.Connection, safe: Vault
) -> None:
    add(tables, safe, "youtube", "one", project="42")
    add(tables, safe, "youtube", "two", project="42")
    granted, later = budget_with(
        settings, Clock(), lambda budget: until_refused(budget, Charge(source="youtube", bucket="common", units=3))
    )
    assert len(granted) == 30, "90 of 100 units, for a tenth is kept for priority 1"
    assert Counter(each.secret for each in granted) == {"secret-of-youtube-one": 15, "secret-of-youtube-two": 15}
    assert later.until == next_midnight(NOON)
    add(tables, safe, "youtube", "three", project="43")
    more, _ = budget_with(
        settings, Clock(), lambda budget: until_refused(budget, Charge(source="youtube", bucket="common", units=3))
    )
    assert {each.project for each in more} == {"43"}
    assert len(more) == 30
    (one, other) = ledger(tables, SOURCES, moment=NOON)
    assert [(each.project, each.units, each.calls, each.left) for each in (one, other)] == [
        ("42", 90, 30, 10),
        ("43", 90, 30, 10),
    ]


def test_the_reserve_is_for_priority_1_and_the_limit_holds_for_it_too(
    settings: Settings, tables: psycopg.Connection, safe: Vault
) -> None:
    add(tables, safe, "youtube", "one")
    search = Charge(source="youtube", bucket="search")
    assert len(budget_with(settings, Clock(), lambda budget: until_refused(budget, search))[0]) == 9
    assert len(budget_with(settings, Clock(), lambda budget: until_refused(budget, search, priority=1))[0]) == 1
    assert len(budget_with(settings, Clock(), lambda budget: until_refused(budget, search, priority=1))[0]) == 0
    common = budget_with(settings, Clock(), lambda budget: budget.take(Charge(source="youtube", bucket="common"), 5))
    assert common.id, "buckets are separate"


@pytest.mark.parametrize(
    ("noon", "hours"),
    [(datetime(2026, 3, 8, 20, tzinfo=UTC), 23), (datetime(2026, 11, 1, 20, tzinfo=UTC), 25), (NOON, 24)],
)
def test_a_day_ends_at_pacific_midnight_also_when_the_clocks_change(
    settings: Settings, tables: psycopg.Connection, safe: Vault, noon: datetime, hours: int
) -> None:
    add(tables, safe, "youtube", "one")
    search = Charge(source="youtube", bucket="search")
    granted, later = budget_with(settings, Clock(noon), lambda budget: until_refused(budget, search))
    assert len(granted) == 9
    assert later.until == next_midnight(noon)
    assert next_midnight(noon) - next_midnight(noon - timedelta(hours=hours)) == timedelta(hours=hours)
    before, after = later.until - timedelta(minutes=1), later.until
    assert budget_with(settings, Clock(before), lambda budget: until_refused(budget, search))[0] == []
    assert len(budget_with(settings, Clock(after), lambda budget: until_refused(budget, search))[0]) == 9
    days = [each.day for each in ledger(tables, SOURCES, moment=after, days=2)]
    assert days == [pacific_day(after), pacific_day(noon)]


def test_no_window_holds_more_than_the_limit_wherever_it_begins(
    settings: Settings, tables: psycopg.Connection, safe: Vault
) -> None:
    add(tables, safe, "shop", "one")
    clock, moments = Clock(), []

    async def drive(budget: SharedBudget) -> None:
        for number in range(60):
            await budget.take(Charge(source="shop", bucket="requests"), 1)
            moments.append(clock.moment)
            if number % 17 == 0:
                await clock.sleep(7.3)

    budget_with(settings, clock, drive)
    for first in moments:
        assert sum(first <= each < first + timedelta(seconds=10) for each in moments) <= 10
    assert moments[-1] - moments[0] < timedelta(seconds=100), "and it is used"


def test_eight_sessions_that_ask_at_once_get_exactly_what_one_would(
    settings: Settings, tables: psycopg.Connection
) -> None:
    sources = {
        "feed": Source({"feed": (Limit(name="an hour", scope="source", count=40, seconds=3600, burst=25),)}, False)
    }
    charge = Charge(source="feed", bucket="feed")

    async def hammer() -> int:
        sessions = [Session(settings, f"test {number}") for number in range(8)]
        budgets = [
            SharedBudget(each, credentials.vault(settings), sources=sources, overall=NO_LIMITS) for each in sessions
        ]
        granted = await asyncio.gather(*(until_refused(budget, charge, 1) for budget in budgets for _ in range(3)))
        for session in sessions:
            await session.close()
        return sum(len(each) for each, _ in granted)

    assert asyncio.run(hammer()) == 25
    assert tables.execute("select calls from collector.quota").fetchall() == [(25,)]


def test_all_limits_are_charged_or_none(settings: Settings, tables: psycopg.Connection) -> None:
    overall = (
        Limit(name="all of a day", scope="global", count=1000, of="calls"),
        Limit(name="entity", scope="entity", count=2, seconds=3600, burst=2),
    )
    clock = Clock()
    asked = Charge(source="feed", bucket="feed", entity="UC1")

    async def act(budget: SharedBudget) -> Later:
        await budget.take(asked, 1)
        await budget.take(asked, 1)
        with pytest.raises(Later) as refused:
            await budget.take(asked, 1)
        await budget.take(Charge(source="feed", bucket="feed", entity="UC2"), 1)
        return refused.value

    later = budget_with(settings, clock, act, overall=overall)
    assert "entity" in later.reason
    assert later.until - clock.moment == timedelta(hours=1)
    assert tables.execute("select calls, units from collector.quota").fetchall() == [(3, 3)]


def test_a_limit_over_all_sources_counts_every_call(
    settings: Settings, tables: psycopg.Connection, safe: Vault
) -> None:
    add(tables, safe, "youtube", "one")
    overall = (Limit(name="all of a day", scope="global", count=5, of="calls"),)

    async def act(budget: SharedBudget) -> str:
        for source, bucket in (("youtube", "common"), ("youtube", "search"), ("feed", "feed"), ("feed", "feed")):
            await budget.take(Charge(source=source, bucket=bucket, units=4 if bucket == "common" else 1), 1)
        await budget.take(Charge(source="youtube", bucket="search"), 1)
        with pytest.raises(Later) as refused:
            await budget.take(Charge(source="feed", bucket="feed"), 1)
        return refused.value.reason

    assert "all of a day" in budget_with(settings, Clock(), act, overall=overall)


def test_usage_above_80_halves_the_rate_and_95_rests_for_the_time_that_the_source_names(
    settings: Settings, tables: psycopg.Connection, safe: Vault
) -> None:
    add(tables, safe, "shop", "one")
    clock = Clock()
    charge = Charge(source="shop", bucket="requests")

    async def seconds_for_ten(budget: SharedBudget) -> float:
        began = clock.moment
        for _ in range(10):
            await budget.take(charge, 1)
        return (clock.moment - began).total_seconds()

    async def act(budget: SharedBudget) -> tuple[float, float, float, NoCredential]:
        credential = await budget.take(charge, 1)
        await seconds_for_ten(budget)
        plain = await seconds_for_ten(budget)
        await budget.learned(credential, Usage(percent=83))
        await seconds_for_ten(budget)
        slowed = await seconds_for_ten(budget)
        await budget.learned(credential, Usage(percent=12))
        await seconds_for_ten(budget)
        again = await seconds_for_ten(budget)
        await budget.learned(credential, Usage(percent=96, regain_minutes=19))
        with pytest.raises(NoCredential) as resting:
            await budget.take(charge, 1)
        return plain, slowed, again, resting.value

    plain, slowed, again, resting = budget_with(settings, clock, act)
    assert slowed == pytest.approx(2 * plain, rel=0.05)
    assert again == pytest.approx(plain, rel=0.05)
    assert resting.until == clock.moment + timedelta(minutes=19)


def test_a_bucket_that_the_source_calls_used_up_is_closed_for_its_project_until_then(
    settings: Settings, tables: psycopg.Connection, safe: Vault
) -> None:
    add(tables, safe, "youtube", "one", project="42")
    add(tables, safe, "youtube", "two", project="42")
    clock = Clock()
    until = next_midnight(NOON)

    async def act(budget: SharedBudget) -> Later:
        credential = await budget.take(Charge(source="youtube", bucket="common"), 5)
        await budget.close("youtube", "common", credential.project, until, "quotaExceeded")
        with pytest.raises(Later) as refused:
            await budget.take(Charge(source="youtube", bucket="common"), 1)
        await budget.take(Charge(source="youtube", bucket="search"), 5)
        return refused.value

    assert budget_with(settings, clock, act).until == until
    used = {each.bucket: each.left for each in ledger(tables, SOURCES, moment=NOON)}
    assert used == {"common": 0, "search": 9}


def test_only_a_credential_of_the_account_helps_and_one_that_is_off_does_not(
    settings: Settings, tables: psycopg.Connection, safe: Vault
) -> None:
    add(tables, safe, "shop", "one", account="a.example")
    charge = Charge(source="shop", bucket="requests", account="b.example")

    async def act(budget: SharedBudget) -> NoCredential:
        with pytest.raises(NoCredential) as refused:
            await budget.take(charge, 1)
        credential = await budget.take(Charge(source="shop", bucket="requests", account="a.example"), 1)
        await budget.disable(credential, "190")
        with pytest.raises(NoCredential, match="credentials add shop"):
            await budget.take(Charge(source="shop", bucket="requests"), 1)
        return refused.value

    assert budget_with(settings, Clock(), act).until is None


def test_without_postgresql_nobody_may_call(settings: Settings, tables: psycopg.Connection) -> None:
    away = settings.model_copy(update={"beat_database_url": SecretStr("postgresql://beat:x@127.0.0.1:1/beat")})
    with pytest.raises(Later, match="PostgreSQL is away"):
        budget_with(away, Clock(), lambda budget: budget.take(Charge(source="feed", bucket="feed"), 1))


def test_a_bucket_that_nobody_knows_is_refused(settings: Settings, tables: psycopg.Connection) -> None:
    with pytest.raises(StirError, match="nobody knows the limits of bucket 'x'"):
        budget_with(settings, Clock(), lambda budget: budget.take(Charge(source="feed", bucket="x"), 1))


def test_the_documented_limits_can_be_asked_for() -> None:
    names = {limit.name for limit in LimitSettings().stacked()}
    assert len(names) == 3
