"""Mode `partition`: the tables of months and the statements that exchange them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.unit.publish.example import BOARD

from stir.publish import SPECS, ddl, partitions
from stir.publish.plan import MOVE, plan
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState
from stir.settings import Settings

JANUARY, FEBRUARY, DECEMBER = "2026-01-01", "2026-02-01", "2025-12-01"


@pytest.fixture
def spec(monkeypatch: pytest.MonkeyPatch) -> PublishSpec:
    spec = replace(BOARD, mode="partition", carry_by="month")
    monkeypatch.setitem(SPECS, spec.name, spec)
    return spec


@pytest.fixture
def state(spec: PublishSpec) -> PublishState:
    """December stays, January changed, February is new."""
    months = {DECEMBER: "10-A-1", JANUARY: "20-B-2", FEBRUARY: "5-C-3"}
    return PublishState(
        name=spec.name, target="prod", run_id="r", token="t", loaded="board__new", rows=35, months=months,
        carried=(DECEMBER,), carried_rows=10,
    )  # fmt: skip


def test_only_months_that_changed_have_tables_of_the_run(state: PublishState) -> None:
    assert partitions.loaded_tables(state) == {JANUARY: "board__new_202601", FEBRUARY: "board__new_202602"}
    assert partitions.loaded_rows(state) == 25
    assert partitions.expected(state, JANUARY) == (20, "crc32:2")


def test_in_other_modes_a_run_has_one_table(state: PublishState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SPECS, BOARD.name, BOARD)
    assert partitions.loaded_tables(state) == {"": "board__new"}
    assert partitions.loaded_rows(state) == 35


def test_months_that_are_the_same_are_not_touched(spec: PublishSpec) -> None:
    old = {DECEMBER: "board__old_202512", JANUARY: "board__old_202601"}
    new = {DECEMBER: "board__old_202512", JANUARY: "board__new_202601", FEBRUARY: "board__new_202602"}
    assert [each.as_string() for each in partitions.exchange_statements(spec, old, new)] == [
        'alter table "public"."board" detach partition "stir"."board__old_202601"',
        'alter table "public"."board" attach partition "stir"."board__new_202601" '
        "for values from ('2026-01-01') to ('2026-02-01')",
        'alter table "public"."board" attach partition "stir"."board__new_202602" '
        "for values from ('2026-02-01') to ('2026-03-01')",
    ]


def test_the_table_of_a_month_says_which_one(spec: PublishSpec) -> None:
    created = ddl.create_table(spec, "board__new_202512", month=DECEMBER).as_string()
    assert (
        'constraint "board_month" check ("month" >= date \'2025-12-01\' and "month" < date \'2026-01-01\')' in created
    )


def test_an_empty_generation_has_a_view_with_the_columns(spec: PublishSpec) -> None:
    view = partitions.view_statement(spec, "board__old", {}).as_string()
    assert view.startswith('create or replace view "stir"."board__old" as select null::date as "month", ')
    assert view.endswith('null::oid as "tableoid" where false')


def test_a_month_must_be_part_of_the_key() -> None:
    with pytest.raises(ValueError, match="mode partition needs a carry_by that is part of the key"):
        replace(BOARD, mode="partition")
    with pytest.raises(ValueError, match="part of the key"):
        replace(BOARD, mode="partition", carry_by="month", key=("id",))


def test_the_plan_shows_the_exchange_and_how_a_plain_table_moves_over(
    spec: PublishSpec, make_settings: Callable[..., Settings]
) -> None:
    planned = plan(make_settings(), spec, "prod")
    swap = [item.statement for item in planned if item.step == "swap"]
    assert [statement.split(" ")[3] for statement in swap[:2]] == ["detach", "attach"]
    assert swap[2].startswith('create or replace view "stir"."board__111111111111" as select')
    moved = [item.statement for item in planned if item.step == MOVE]
    assert 'partition by range ("month")' in moved[0]
    assert any("for values from ('2026-01-01') to ('2026-02-01')" in statement for statement in moved)
    assert moved[-2:] == [
        'alter index "public"."board__000000000000_pkey" rename to "board_pkey"',
        'alter index "public"."board__000000000000_by_order" rename to "board_by_order"',
    ]
