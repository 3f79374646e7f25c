"""A table of an older version of its contract is widened, and never narrowed."""

from __future__ import annotations

from dataclasses import replace

from stir.sources.contract import Field, contract
from stir.sources.preparation import widenings

OLD = contract("events.profile_log_events")
COLUMNS = {field.name: field.type for field in OLD.fields}
TABLE = "alter table `events`.`profile_log_events`"


def test_a_table_that_is_its_contract_stays_as_it_is() -> None:
    assert list(widenings(OLD, COLUMNS)) == []


def test_new_fields_become_columns_in_their_place_and_types_become_wider() -> None:
    first, *rest = OLD.fields
    wider = [replace(field, type="Nullable(String)") if field.name == "metrics" else field for field in rest]
    new = replace(OLD, fields=(Field("a", "Bool", "boolean"), first, Field("b", "Int64", "integer"), *wider))
    assert list(widenings(new, COLUMNS)) == [
        f"{TABLE} add column if not exists `a` Bool first",
        f"{TABLE} add column if not exists `b` Int64 after `event_id`",
        f"{TABLE} modify column `metrics` Nullable(String)",
    ]


def test_what_would_lose_values_or_change_the_order_is_left_alone() -> None:
    other = {**COLUMNS, "metrics": "Nullable(String)", "more": "String", "platform": "LowCardinality(String)"}
    assert list(widenings(OLD, other)) == []
    wider = tuple(
        replace(field, type="Nullable(String)") if field.name == "platform" else field for field in OLD.fields
    )
    assert list(widenings(replace(OLD, fields=wider), COLUMNS)) == []
