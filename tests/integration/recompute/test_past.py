"""A day that is built again later is the day that was built: the same content in every model.

Every table of a copy of the tests' world gets rows that came later and say something else. Then the day before is
built again in a database that is empty but for what the warehouse keeps of a feed without times (decisions 0017 and
0026), and in slices, as a large world is. On a push that is a part of the models, of which one reads that feed and some
are built in slices; with --long it is all, and the world goes on for a day before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from stir import connections
from stir.settings import PROJECT_DIR
from stir.sources.tables import TABLES
from stir.transform.content import WarehouseContent, content_hashes, moved
from stir.transform.runner import run_dbt
from stir.world import WorldParameters, advance
from stir.world.creation import ORDER_HISTORY

from .conftest import OwnServer

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.settings import Settings

KEPT = {
    *("id", "event_id", "profile_id", "channel_id", "shortcode", "entity_id", "platform_order_id", "platform_post_id"),
    *("target_profile_id", "source_profile_id", "target_channel_id", "source_channel_id", "url", "link"),
    *("platform", "source", "status", "flow", "entity_type", "activity_type", "relationship_type"),
}
"""Columns that say what a row is about: with another value it would not be a later word on the same thing."""


PART = ("+mart_collection_post", "+mart_time_series")

ONE_MARK = {"mart_youtube_account_weekly", "mart_youtube_account_monthly", "mart_time_series"}
"""So small a world may have a single mark for their input, which cannot be cut."""

STATEMENTS = r"""
select extract(query, 'model\.stir\.(\w+)') as model, count() as statements
from system.query_log
where type = 'QueryFinish' and query_kind = 'Insert' and current_database = {db:String}
    and event_time_microseconds >= {begun:DateTime64(6)}
group by model
"""


def arrivals(clock: datetime) -> dict[str, str]:
    """What to write into the columns that tell when a row came, so that it comes after the moment."""
    later = f"toDateTime('{clock + timedelta(hours=1):%Y-%m-%d %H:%M:%S}', 'UTC')"
    today = f"toDate('{clock:%Y-%m-%d}')"
    moments = ("insert_timestamp", "updated_at", "scraped_at", "timestamp", "created_on")
    # Both come at three in the morning: a vendor's file on its date, a day's clicks on the next.
    return dict.fromkeys(moments, later) | {"snapshot_date": today, "d": f"{today} - 1"}


def gainsay(client: Client, clock: datetime) -> None:
    """Let rows come after the moment that deny what is known: other words, other numbers, the contrary."""
    came = arrivals(clock)
    for table in TABLES:
        if table.kind == "frozen":
            continue
        kinds = {row[0]: row[1] for row in client.query(f"describe table {table.quoted}").result_rows}
        said = {name: came[name] for name in kinds if name in came}
        assert said or not table.ingested, f"when do the rows of {table.name} come?"
        for name, kind in kinds.items():
            kind = kind.removeprefix("Nullable(").rstrip(")")
            denied = {"String": "'later'", "Bool": f"not {name}", "Int64": f"{name} + 1", "UInt64": f"{name} + 1"}
            if name not in KEPT and kind in denied:
                said[name] = denied[kind]
        changes = ", ".join(f"{expression} as {name}" for name, expression in said.items())
        client.command(f"insert into {table.quoted} select * replace ({changes}) from {table.quoted} limit 3000")


@dataclass(frozen=True)
class Rebuilt:
    """What a day's models held, what they hold after they were built again, and the statements that this took."""

    was: Mapping[str, WarehouseContent]
    found: Mapping[str, WarehouseContent]
    statements: Mapping[str, int]


@pytest.fixture(scope="module")
def rebuilt(past: OwnServer, world: WorldParameters, request: pytest.FixtureRequest) -> Rebuilt:
    is_long = request.config.getoption("--long")
    built = (PROJECT_DIR.glob(f"models/{layer}/**/*.sql") for layer in ("staging", "marts"))
    models = sorted(path.stem for paths in built for path in paths)
    database = past.settings.clickhouse_database
    with connections.clickhouse(past.settings) as client:
        was = content_hashes(client, database, models)
        if is_long:
            advance(past.settings, 24)
        gainsay(client, world.end)
        # Of the same name, because for another one dbt would parse the whole project again.
        client.command(f"rename database {database} to earlier")
        client.command(f"create database {database}")
        client.command(f"create table {database}.{ORDER_HISTORY} clone as earlier.{ORDER_HISTORY}")
        (begun,) = client.query("select now64(6)").first_row
        again = past.build(world.end, *([] if is_long else PART))
        found = content_hashes(client, database, again)
        client.command("system flush logs query_log")
        counted = client.query(STATEMENTS, parameters={"begun": begun, "db": database}).result_rows
    assert again == models or not is_long
    return Rebuilt({model: was[model] for model in again}, found, dict(counted))


def test_a_day_built_again_is_what_was_built_on_that_day(rebuilt: Rebuilt) -> None:
    assert moved(rebuilt.was, rebuilt.found) == []


def test_models_with_slices_were_built_by_several_statements(rebuilt: Rebuilt) -> None:
    sliced = {path.stem for path in PROJECT_DIR.glob("models/**/*.sql") if "'slices'" in path.read_text()}
    assert sliced > ONE_MARK
    built = sliced & rebuilt.found.keys() - ONE_MARK
    assert built
    assert built <= {model for model, number in rebuilt.statements.items() if number > 1}


def test_a_view_that_is_built_now_does_not_stop_at_now(settings: Settings) -> None:
    view, table = "stg_coffee_collection_group", "stg_coffee_post_collection"
    compiled = settings.state_dir / "dbt" / "target" / "compiled" / "stir" / "models" / "staging" / "coffee"
    command = ["compile", "--no-write-json", "--select", view, table]
    run_dbt(settings, command, extra_environment={"STIR_AS_OF": ""}).raise_for_failure()

    bounded = {name: "updated_at <= toDateTime64(" in (compiled / f"{name}.sql").read_text() for name in (view, table)}
    assert bounded == {view: False, table: True}
