"""Calls that wait for a limit: how long, in which place, and with which credential they go on."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from stir.collector.limit_rules import Limit
from stir.collector.limits import SharedBudget, Source
from stir.collector.protocol import Charge, Credential, Later
from stir.ingest.vault import Vault
from stir.settings import Settings

from .budgets import NOON, Clock, budget_with
from .conftest import add


def test_a_call_without_another_source_keeps_its_place_while_others_take_the_limit(
    settings: Settings, tables: psycopg.Connection
) -> None:
    charge = Charge(source="scarce", bucket="calls")
    sources = {"scarce": Source({"calls": (Limit(name="calls", scope="source", count=1, seconds=20),)}, False)}

    def seconds_until_granted(stays: bool) -> float:
        tables.execute("truncate collector.rate")
        clock, others = Clock(), iter(range(4))

        async def drive(budget: SharedBudget) -> float:
            async def lose_four_times(seconds: float) -> None:
                await clock.sleep(seconds)
                if next(others, None) is not None:
                    await rival.take(charge, 5)

            rival = SharedBudget(budget._session, budget._vault, sources=sources, overall=(), now=clock.now)
            await rival.take(charge, 5)
            budget._sleep = lose_four_times
            await budget.take(charge, 5, stays=stays)
            return (clock.moment - NOON).total_seconds()

        return budget_with(settings, clock, drive, sources=sources)

    assert seconds_until_granted(True) == pytest.approx(100, abs=1)
    with pytest.raises(Later) as refused:
        seconds_until_granted(False)
    assert refused.value.until == pytest.approx(NOON + timedelta(seconds=40), abs=timedelta(seconds=1))


def test_a_call_that_waits_sees_a_new_credential_within_half_a_minute(
    settings: Settings, tables: psycopg.Connection, safe: Vault
) -> None:
    charge = Charge(source="scarce", bucket="calls")
    sources = {"scarce": Source({"calls": (Limit(name="calls", scope="credential", count=1, seconds=200),)})}
    add(tables, safe, "scarce", "one")
    clock = Clock()

    async def drive(budget: SharedBudget) -> Credential:
        async def sleep(seconds: float) -> None:
            await clock.sleep(seconds)
            add(tables, safe, "scarce", "two")

        budget._sleep = sleep
        await budget.take(charge, 5)
        return await budget.take(charge, 5, stays=True)

    assert budget_with(settings, clock, drive, sources=sources).secret == "secret-of-scarce-two"
    assert clock.moment == NOON + timedelta(seconds=30)


def test_the_credential_is_chosen_after_the_wait(settings: Settings, tables: psycopg.Connection, safe: Vault) -> None:
    add(tables, safe, "shop", "one")
    clock = Clock()

    async def act(budget: SharedBudget) -> list[str]:
        charge = Charge(source="shop", bucket="requests")
        first = [await budget.take(charge, 1), await budget.take(charge, 1)]

        async def sleep(seconds: float) -> None:
            await budget.disable(first[0], "revoked")
            add(tables, safe, "shop", "two")
            await clock.sleep(seconds)

        budget._sleep = sleep
        first.append(await budget.take(charge, 1))
        return [each.secret for each in first]

    assert budget_with(settings, clock, act) == ["secret-of-shop-one", "secret-of-shop-one", "secret-of-shop-two"]
