"""Channels of a small world of which little is known: a world of its own has none that fell silent."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

EACH = 3
"""Channels of each kind."""
SUBSCRIBERS = '"subscriber_count":"?[0-9]+"?,'
WITHOUT = f"replaceRegexpOne(metrics, '{SUBSCRIBERS}', '')"


def plant(client: Client, end: datetime) -> None:
    """Let channels tell no subscribers from this month on, never any, or nothing of themselves, and not say so."""
    chosen = client.query(
        "select profile_id from events.profile_log_events where platform = 'YOUTUBE' and position(metrics, 'view') > 0"
        " and profile_id in (select channel_id from beat_replica.youtube_account where not is_subscriber_count_hidden)"
        " and profile_id in (select profile_id from events.post_log_events where position(metrics, 'view') > 0)"
        " group by profile_id having min(event_timestamp) < {month:DateTime}"
        " order by cityHash64(profile_id) limit {number:UInt32}",
        parameters={"month": end.replace(day=1, hour=0, minute=0), "number": 3 * EACH},
    ).result_columns[0]
    assert len(chosen) == 3 * EACH
    silent, never, unread = chosen[:EACH], chosen[EACH : 2 * EACH], chosen[2 * EACH :]
    channels = "events.profile_log_events {what} where platform = 'YOUTUBE' and profile_id in {ids:Array(String)}"
    history = "vendor.channels_monthly_stats {what} where trimBoth(id) in {ids:Array(String)}"
    for table, what, ids in (
        (channels, f"update metrics = {WITHOUT}", never),
        (channels, "delete", unread),
        (history, "update lifetime_subscribers = null", never),
        (history, "delete", unread),
    ):
        _alter(client, table.replace("{what}", what), ids)
    month = f" and event_timestamp >= toDateTime('{end:%Y-%m}-01 00:00:00', 'UTC')"
    _alter(client, channels.replace("{what}", f"update metrics = {WITHOUT}") + month, silent)


def _alter(client: Client, change: str, ids: list[str]) -> None:
    client.command(f"alter table {change}", parameters={"ids": ids}, settings={"mutations_sync": 2})
