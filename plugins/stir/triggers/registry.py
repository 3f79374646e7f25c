"""The registry of channels: a row of `ops.tracked_entity` for every channel in any of our databases."""

from __future__ import annotations

from stir import connections
from stir.database import prepare
from stir.settings import Settings
from stir.triggers.warehouse import reader, statement

KIND = "registry_channel"
CHANNELS = "youtube_channel_registry"
"""File of candidates/ that lists them."""
PRIORITY = 8
"""Priority of a new row. People may change it later."""


def sync_registry(settings: Settings, *, dry_run: bool = False) -> tuple[int, int]:
    """Add new channels. Returns how many channels the warehouse has and how many were added.

    Existing rows keep their priority and their switch: people decide about both.

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
