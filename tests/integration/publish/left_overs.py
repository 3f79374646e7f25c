"""What a publish made and should have removed, in all three engines."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from stir import connections
from stir.publish import SPECS, PublishSpec
from stir.publish.ledger import generations as ledger
from stir.publish.session import writer
from stir.settings import Settings

BOARD = SPECS["leaderboard"]


def once(name: str) -> str:
    """A run id that no other run of the same test has."""
    return f"{name} {secrets.token_hex(3)}"


def next_version(place: Settings, spec: PublishSpec = BOARD) -> int:
    """A version newer than any that was published."""
    start = datetime(2026, 6, 15, tzinfo=UTC)
    return max((item.watermark - start).seconds for item in generations(place, spec) if item.watermark) + 1


def generations(place: Settings, spec: PublishSpec = BOARD) -> list[ledger.Generation]:
    """The generations of the leaderboard or another table, the live one last."""
    with writer(place, "prod") as connection:
        return ledger.history(connection, spec)


def give_way(place: Settings) -> None:
    """End the lease that a failed test has left, so that it does not make the next ones fail."""
    with writer(place, "prod") as connection:
        connection.execute("update stir.run set expires_at = clock_timestamp() where expires_at > clock_timestamp()")


def left_overs(place: Settings, spec: PublishSpec = BOARD) -> list[str]:
    """Snapshots of marts, stored tables beyond those kept, and objects of runs whose content is not live."""
    snapshots = connections.clickhouse(place).query(
        "select name from system.tables where database = {database:String}",
        parameters={"database": f"{place.clickhouse_database}_publish"},
    )
    with writer(place, "prod") as connection:
        history = ledger.history(connection, spec)
        stored = connection.execute(
            """
            select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
            where nspname = 'stir' and relkind in ('r', 'p', 'v') and relname like %s
            """,
            [f"{spec.table}\\_\\_%"],
        ).fetchall()
        tokens: dict[Any, Any] = dict(connection.execute("select token, run_id from stir.run").fetchall())
    live = history[-1]
    kept = sorted({item.content for item in history if item.kept and item.content != live.content})[-spec.keep :]
    stay = [item for item in history if item.content in kept]
    allowed = {name for item in stay for name in (item.stored_as, *item.partitions.values())}
    allowed |= {*live.partitions.values()} | ({live.stored_as} if live.event == "rollback" else set())
    runs_of_live = {item.run_id for item in history if item.content == live.content}
    objects = connections.s3(place).list_objects_v2(Bucket=place.s3.path, Prefix=f"publish/prod/{spec.name}/")
    keys = [item["Key"] for item in objects.get("Contents", [])]
    mine = [key for key in keys if key.split("/")[3] in tokens]
    return [
        *(name for (name,) in snapshots.result_rows),
        *(name for (name,) in stored if name not in allowed),
        *(key for key in mine if tokens[key.split("/")[3]] not in runs_of_live),
    ]
