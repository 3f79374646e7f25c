"""A change of columns: refused, announced, waited for, applied, and seen by those whom it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from stir import connections
from stir.errors import StirError
from stir.publish import SPECS, PublishSpec, publish, verify
from stir.publish.checks import contract
from stir.publish.ledger import announcements
from stir.publish.session import writer
from stir.settings import Settings

from .left_overs import BOARD
from .marts import Mart

NARROW = replace(BOARD, name="drifting", table="drifting", columns=BOARD.columns[:-1])
WIDE = replace(NARROW, columns=BOARD.columns)


@pytest.fixture(autouse=True)
def _published(place: Settings, mart: Mart) -> Iterator[None]:
    mart.build(1)
    SPECS["drifting"] = NARROW
    publish(place, NARROW, allow=("contract",), force=True)
    yield
    del SPECS["drifting"]


def announce(place: Settings, spec: PublishSpec, notice: timedelta) -> announcements.Announcement:
    with writer(place, "prod") as connection:
        return announcements.announce(connection, spec, contract.differences_of(connection, spec), notice)


def test_a_new_column_comes_when_its_notice_is_up(place: Settings, mart: Mart) -> None:
    SPECS["drifting"] = WIDE
    with pytest.raises(StirError, match=r"new: computed_as_of.*announce the change with `./stir announce drifting`"):
        publish(place, WIDE)
    reported = announce(place, WIDE, timedelta(hours=1))
    assert "computed_as_of" in reported.change
    with connections.postgres(place, role="reader") as reader:
        seen = reader.execute("select change, generation from stir.contract_change").fetchall()
    assert seen == [(reported.change, None)]
    with pytest.raises(StirError, match=r"was announced for .* which is not yet"):
        publish(place, WIDE)
    announce(place, WIDE, timedelta(0))
    publication = publish(place, WIDE)
    assert publication.outcome == "published"
    assert verify(place, WIDE).intact
    with connections.postgres(place, role="reader") as reader:
        applied = reader.execute("select distinct generation from stir.contract_change").fetchall()
    assert applied == [(publication.generation,)]
    with pytest.raises(StirError, match="the columns of drifting are those of its spec"):
        announce(place, WIDE, timedelta(0))


def test_a_change_of_type_is_announced_by_both_types(place: Settings, mart: Mart) -> None:
    columns = tuple(replace(c, type="Nullable(String)") if c.name == "month_state" else c for c in NARROW.columns)
    retyped = replace(NARROW, columns=columns)
    SPECS["drifting"] = retyped
    reported = announce(place, retyped, timedelta(0))
    assert reported.change == "month_state is text not null, would be text"
    assert publish(place, retyped).outcome == "published"
    assert verify(place, retyped).intact


def test_an_announcement_holds_for_the_columns_it_named_only(place: Settings, mart: Mart) -> None:
    announce(place, WIDE, timedelta(0))
    other = replace(NARROW, columns=NARROW.columns[:-1])
    SPECS["drifting"] = other
    with pytest.raises(StirError, match="would change while applications use it: columns gone: last_month_ranks"):
        publish(place, other)
