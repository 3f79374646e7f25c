"""The registry of channels: every channel that any of our databases knows, as rows of `ops.tracked_entity`."""

from __future__ import annotations

from stir import connections
from stir.database import prepare
from stir.settings import Settings
from stir.triggers.warehouse import reader, statement

KIND = "registry_channel"
CHANNELS = "youtube_channel_registry"
"""File of candidates/ that lists them."""
PRIORITY = 8
"""Of a new row; people may change it."""


def sync_registry(settings: Settings, *, dry_run: bool = False) -> tuple[int, int]:
    """Add the channels that are new. Returns how many are known to the warehouse and how many were added.

    Rows that stand keep their priority and whether they are enabled: people decide that.

    Raises:
        StirError: the warehouse is not built.
    """
    prepare(settings)
    client = reader(settings)
    with (
        connections.expecting_a_built_warehouse(),
        connections.postgres(settings) as connection,
        client.query_row_block_stream(statement(CHANNELS)) as blocks,
    ):
        connection.execute("create temporary table channel (value text primary key) on commit drop")
        with connection.cursor().copy("copy channel (value) from stdin") as copy:
            for block in blocks:
                for row in block:
                    copy.write_row(row)
        known = connection.execute("select count(*) from channel").fetchone()
        added = connection.execute(
            "insert into ops.tracked_entity (kind, value, priority) select %s, value, %s from channel order by value"
            " on conflict (kind, value) do nothing",
            [KIND, PRIORITY],
        ).rowcount
        if dry_run:
            connection.rollback()
    return int(known[0]) if known else 0, added
