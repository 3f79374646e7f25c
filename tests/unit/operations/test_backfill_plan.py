"""Which models a backfill builds again, which days of each, and what it says of those that read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from stir.errors import StirError
from stir.operations.backfill.plan import APPEND, OVERWRITE, TABLE, Target, plan
from stir.transform.manifest import DbtManifest

MOMENT = datetime(2026, 6, 15, tzinfo=UTC)
MAY = (date(2026, 5, 6), date(2026, 5, 20))


def manifest(models: Mapping[str, Mapping[str, Any]]) -> DbtManifest:
    """A manifest of models by name: `reads`, `key`, `columns`, `materialized`, `partition_by`, `strategy`."""
    nodes: dict[str, Any] = {}
    children: dict[str, list[str]] = {}
    for name, given in models.items():
        unique_id = f"model.stir.{name}"
        nodes[unique_id] = {
            "unique_id": unique_id,
            "resource_type": "model",
            "name": name,
            "fqn": ["stir", "marts", "family", name],
            "tags": ["daily"],
            "depends_on": {"nodes": [f"model.stir.{read}" for read in given.get("reads", ())]},
            "columns": {column: {"data_type": kind} for column, kind in given["columns"].items()},
            "config": {
                "materialized": given.get("materialized", "incremental"),
                "partition_by": given.get("partition_by"),
                "incremental_strategy": given.get("strategy", "append"),
                "meta": {},
            },
        }
        test = f"test.stir.{name}"
        nodes[test] = {
            "resource_type": "test",
            "attached_node": unique_id,
            "test_metadata": {"name": "unique_together", "kwargs": {"columns": given["key"]}},
        }
        children[unique_id] = [test]
    return DbtManifest({"nodes": nodes, "child_map": children, "sources": {}, "exposures": {}})


LOG = {"columns": {"id": "String", "at": "DateTime('UTC')"}, "key": ["id"], "partition_by": "toYYYYMM(at)"}
WEEKS = {"columns": {"a": "String", "date": "Date"}, "key": ["a", "date"], "partition_by": "toYear(date)"}
PROJECT: dict[str, dict[str, Any]] = {
    "board": {
        "columns": {"a": "String", "month": "Date"}, "key": ["month", "a"], "partition_by": "toYYYYMM(month)",
        "strategy": "insert_overwrite", "reads": ["shown"],
    },
    "shown": {**WEEKS, "materialized": "view", "partition_by": None, "reads": ["weeks"]},
    "weeks": {**WEEKS, "reads": ["log"]},
    "log": LOG,
    "whole": {"columns": {"date": "Date"}, "key": ["date"], "materialized": "table", "reads": ["weeks"]},
    "people": {"columns": {"a": "String"}, "key": ["a"], "reads": ["log"]},
    "two": {"columns": {"made": "Date", "sent": "Date"}, "key": ["made", "sent"], "reads": ["log"]},
}  # fmt: skip


def planned(asked: str, days: Sequence[date] = MAY, **options: bool) -> Any:
    moments = dict.fromkeys(PROJECT, MOMENT)
    return plan(manifest(PROJECT), asked, days[0], days[1], moments, **options)


def test_a_log_is_built_for_the_days_that_were_asked_for() -> None:
    assert planned("log").targets == (
        Target("log", "at", False, ("id",), APPEND, "2026-05-06", "2026-05-21", MOMENT.isoformat()),
    )


def test_weeks_and_months_begin_before_the_day_that_is_in_them() -> None:
    [weeks] = planned("weeks").targets
    assert (weeks.first, weeks.end) == ("2026-05-01", "2026-05-21"), "the month of 6 May begins before its week"
    [weeks] = planned("weeks", (date(2026, 5, 1), date(2026, 5, 1))).targets
    assert weeks.first == "2026-04-26", "a week begins on Sunday, and that of 1 May in April"
    [weeks] = planned("weeks", (date(2026, 3, 1), date(2026, 3, 1))).targets
    assert weeks.first == "2026-03-01", "a Sunday begins its own week"


def test_what_reads_another_model_of_the_backfill_is_built_for_a_month_more() -> None:
    found = {target.model: target for target in planned("log", downstream=True).targets}
    assert found["log"].end == "2026-05-21"
    assert found["weeks"].end == "2026-07-01"
    december = planned("log", (date(2025, 12, 31), date(2025, 12, 31)), downstream=True)
    assert {target.model: target.end for target in december.targets}["weeks"] == "2026-02-01"


def test_a_tag_is_in_the_order_of_building_with_the_views_between_and_without_what_has_no_time() -> None:
    found = planned("daily")
    names = [target.model for target in found.targets]
    assert names.index("log") < names.index("weeks") < min(names.index("board"), names.index("whole"))
    assert {target.model: target.kind for target in found.targets} == {
        "log": APPEND, "weeks": APPEND, "board": OVERWRITE, "whole": TABLE,
    }  # fmt: skip
    assert found.views == ("shown",)
    assert found.skipped == {
        "shown": "is a view and holds no rows",
        "people": "has no time in its key",
        "two": "has no time in its key",
    }


def test_readers_that_are_not_built_again_are_named_with_what_becomes_of_them() -> None:
    found = planned("weeks")
    assert found.readers["shown"] == "a view: shows them at once"
    assert found.readers["whole"] == "built whole by the next run of dbt_daily"
    assert found.readers["board"] == "not rebuilt, unless with --downstream"
    assert planned("log").readers["people"] == "not rebuilt: dbt_daily adds only what is new"
    assert set(planned("weeks", downstream=True).readers) == {"shown"}


def test_several_names_are_one_backfill() -> None:
    assert {target.model for target in planned("whole log").targets} == {"log", "whole"}


@pytest.mark.parametrize(
    ("asked", "days", "line"),
    [
        ("log", MAY[::-1], "--from 2026-05-20 is after --to 2026-05-06"),
        ("log", (date.min, MAY[1]), "0001-01-01 is no day that a table can hold"),
        ("weeks", (date(1970, 1, 1), MAY[1]), "1970-01-01 is no day that a table can hold"),
        ("log", (MAY[0], date(2106, 3, 1)), "2106-03-01 is no day that a table can hold"),
        ("weeks", (MAY[0], date.max), "9999-12-31 is no day that a table can hold"),
        ("log", (date(2026, 6, 16), date(2026, 6, 17)), "there are no days to build: log was last built as of"),
        ("people", MAY, "people has no time in its key"),
        ("two", MAY, "two has no time in its key"),
        ("shown", MAY, "shown is a view"),
        ("nobody", MAY, "there is no model and no tag 'nobody'"),
        ("", MAY, "there is no model and no tag ''"),
    ],
)  # fmt: skip
def test_what_cannot_be_built_is_refused_in_one_line(asked: str, days: Sequence[date], line: str) -> None:
    with pytest.raises(StirError, match=line) as raised:
        planned(asked, days)
    assert "\n" not in raised.value.line


def test_a_model_of_a_tag_that_was_never_built_is_left_out() -> None:
    found = plan(manifest(PROJECT), "daily", *MAY, {"log": MOMENT})
    assert [target.model for target in found.targets] == ["log"]
    assert found.skipped
    assert found.skipped["weeks"] == "has not been built yet"


def test_a_model_that_was_never_built_is_refused() -> None:
    with pytest.raises(StirError, match="log has not been built yet"):
        plan(manifest(PROJECT), "log", *MAY, {})


def test_a_target_survives_its_record() -> None:
    [target] = planned("weeks").targets
    assert Target.of({**target.record, "key": list(target.key)}) == target
    assert target.condition == "(`date` >= toDate('2026-05-01') and `date` < toDate('2026-05-21'))"
