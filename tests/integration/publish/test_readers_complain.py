"""The readers of the fault suite notice what they are there to notice: each rule is broken once, and they say so."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from stir.publish import publish
from stir.publish.session import writer
from stir.settings import Settings

from .left_overs import BOARD
from .marts import Mart
from .readers import FLEETS, Fleet

NAIVE = "public.naive"
FILL = "insert into public.naive select * from public.leaderboard"
BREAKS = {
    "half a generation": ("delete from public.naive where followers % 2 = 0", "not one whole version"),
    "an empty table": ("delete from public.naive", "not one whole version"),
    "a changed value": ("update public.naive set followers = 0 where platform_id = 'id7'", "not one whole version"),
    "two generations mixed": ("update public.naive set uploads = 3 where platform_id = 'id7'", "not one whole version"),
    "an older generation": ("update public.naive set uploads = 1 where uploads = 51", "version 1 after 51"),
    "no table": ("alter table public.naive rename to naive_away", "UndefinedTable"),
    "another shape": ("alter table public.naive drop column uploads", "UndefinedColumn"),
}


@pytest.fixture(scope="module")
def published(place: Settings, mart: Mart) -> None:
    """Version 51, which has as many rows as version 1."""
    mart.build(51)
    publish(place, BOARD)


@pytest.fixture
def naive(place: Settings, published: None) -> Iterator[None]:
    """A table that is replaced without any care."""
    with writer(place, "prod") as connection:
        connection.execute("create table public.naive (like public.leaderboard)")
        connection.execute(FILL)
        connection.execute("grant select on public.naive to stir_reader")
        yield
        connection.execute("drop table if exists public.naive, public.naive_away")


SEEN_ALREADY = ("an empty table", "another shape")
"""Half a generation breaks the same rule as none of it, and no table ends a reader as another shape of it does."""


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, marks=[pytest.mark.long] if rule in SEEN_ALREADY else []) for rule in BREAKS]
)
def test_a_broken_promise_is_seen(place: Settings, naive: None, rule: str) -> None:
    statement, complaint = BREAKS[rule]
    with Fleet(place, table=NAIVE) as fleet:
        fleet.wait_for_reads(20)
        assert not fleet.complaints, fleet.complaints[:3]
        with writer(place, "prod") as connection:
            connection.execute(statement.encode())
        deadline = time.monotonic() + 120
        while not any(complaint in seen for seen in fleet.complaints) and time.monotonic() < deadline:
            time.sleep(0.02)
    FLEETS.remove(fleet)  # these complaints were wanted: they are no figure of the report
    assert any(complaint in seen for seen in fleet.complaints), fleet.complaints[:3]
    with pytest.raises(AssertionError):
        fleet.check()
