"""A day that is built again later is the day that was built: the same content in every model.

The small world goes on for a day, and every table gets rows that came later and say something else. Then the day before
is built again in a database that is empty but for what the warehouse keeps of a feed without times (decisions 0017 and
0026). It runs last: the other tests here read the sources whole.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from stir import connections
from stir.settings import PROJECT_DIR
from stir.sources.tables import TABLES
from stir.transform.content import content_hashes, moved
from stir.transform.runner import run_dbt
from stir.world import WorldParameters, advance
from stir.world.creation import ORDER_HISTORY

from .conftest import OTHER_SEED, SmallWorld

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.settings import Settings

KEPT = {
    *("id", "event_id", "profile_id", "channel_id", "shortcode", "entity_id", "platform_order_id", "platform_post_id"),
    *("target_profile_id", "source_profile_id", "target_channel_id", "source_channel_id", "url", "link"),
    *("platform", "source", "status", "flow", "entity_type", "activity_type", "relationship_type"),
}
"""Columns that say what a row is about: with another value it would not be a later word on the same thing."""


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


def test_a_day_built_again_is_what_was_built_on_that_day(
    small_worlds: Callable[[int], SmallWorld], world: WorldParameters
) -> None:
    small = small_worlds(OTHER_SEED)
    built = (PROJECT_DIR.glob(f"models/{layer}/**/*.sql") for layer in ("staging", "marts"))
    models = sorted(path.stem for paths in built for path in paths)
    with connections.clickhouse(small.settings) as client:
        database = small.settings.clickhouse_database
        was = content_hashes(client, database, models)
        advance(small.settings, 24)
        gainsay(client, world.end)
        # Of the same name, because for another one dbt would parse the whole project again.
        client.command(f"rename database {database} to earlier")
        client.command(f"create database {database}")
        client.command(f"create table {database}.{ORDER_HISTORY} clone as earlier.{ORDER_HISTORY}")
        small.build(world.end)
        found = content_hashes(client, database, models)

    assert len(was) == len(models)
    assert moved(was, found) == []


def test_a_view_that_is_built_now_does_not_stop_at_now(settings: Settings) -> None:
    view, table = "stg_coffee_collection_group", "stg_coffee_post_collection"
    compiled = settings.state_dir / "dbt" / "target" / "compiled" / "stir" / "models" / "staging" / "coffee"
    command = ["compile", "--no-write-json", "--select", view, table]
    run_dbt(settings, command, extra_environment={"STIR_AS_OF": ""}).raise_for_failure()

    bounded = {name: "updated_at <= toDateTime64(" in (compiled / f"{name}.sql").read_text() for name in (view, table)}
    assert bounded == {view: False, table: True}
