"""How ClickHouse keeps the rows of source tables so that an increment reads what came.

Every run asks three things: which rows came since the last one, how many came on each day, and on which days a key came
before. The sort order answers the first, one projection each the others. A table that somebody else created may lack
them: the models then find the same rows and read more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stir.sources.contract import Contract

KEY_GRANULE = 16
"""Rows that are read to find one key."""

PROJECTIONS = ARRIVALS, BY_KEY = "arrivals", "by_key"

ARRIVED = "arrived"

_EPOCH = "toDateTime64(0, 6, 'UTC')"
_CHANGED = f"coalesce(updated_at, created_at, {_EPOCH})"
_HAPPENED = f"coalesce(timestamp, {_EPOCH})"


@dataclass(frozen=True)
class Layout:
    """What the models of a source ask by, in their own words (macros/rejects/list_reject_rules.sql, a test compares).

    Attributes:
        arrival: SQL for when a row came. key: SQL for what it is a version of. scopes: SQL that tells apart the rows of
            several models in one table. moments: the columns of which the latest is the arrival, where it is no column.
    """

    arrival: str
    key: str
    scopes: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()

    @property
    def stored_by(self) -> str:
        """The column that the table is sorted by, if there is one. Of coalesce(a, b) it is a: ClickHouse does not use
        the order by an expression here."""
        found = re.match(r"(?:coalesce\()?(\w+)(?:$|,)", self.arrival)
        return found[1] if found else ""

    @property
    def key_hash(self) -> str:
        return f"cityHash64(toString({self.key}))"


LAYOUTS = {
    "events.post_log_events": Layout("insert_timestamp", "trimBoth(event_id)"),
    "events.profile_log_events": Layout(
        "insert_timestamp", "trimBoth(event_id)", ("startsWith(source, 'openapi_profile_info_')",)
    ),
    **dict.fromkeys(
        ("events.yt_profile_relationship_log_events", "events_stage.yt_profile_relationship_log_events"),
        Layout(
            "insert_timestamp",
            "(trimBoth(source_channel_id), trimBoth(target_channel_id))",
            ("lower(relationship_type)",),
        ),
    ),
    "beat_replica.instagram_account": Layout(_CHANGED, "trimBoth(profile_id)"),
    "beat_replica.instagram_post_simple": Layout(_CHANGED, "trimBoth(shortcode)"),
    "beat_replica.youtube_account": Layout(_CHANGED, "trimBoth(channel_id)"),
    "beat_replica.youtube_post_simple": Layout(_CHANGED, "trimBoth(shortcode)"),
    "beat_replica.asset_log": Layout(
        _CHANGED, "(upper(trimBoth(platform)), upper(trimBoth(entity_type)), trimBoth(entity_id))"
    ),
    "beat_replica.order": Layout(_CHANGED, "(upper(trimBoth(platform)), trimBoth(platform_order_id))"),
    "beat_replica.scrape_request_log": Layout(
        "greatest("
        + ", ".join(f"coalesce({name}, {_EPOCH})" for name in ("created_at", "picked_at", "scraped_at"))
        + ")",
        "id",
        moments=("created_at", "picked_at", "scraped_at"),
    ),
    "beat_replica.post_activity_log": Layout(_HAPPENED, "id"),
    "beat_replica.profile_relationship_log": Layout(
        _HAPPENED,
        "(trimBoth(target_profile_id), trimBoth(source_profile_id), lower(trimBoth(relationship_type)))",
    ),
}
"""By source table."""


def projections(contract: Contract, layout: Layout) -> tuple[str, ...]:
    """The declarations of a table's projections: rows by day of arrival, and days of arrival by key."""
    day = ", ".join((f"toDate({layout.arrival})", *layout.scopes))
    names = re.findall(r"\w+", f"{layout.key} {layout.arrival}")
    columns = ", ".join(f"`{field.name}`" for field in contract.fields if field.name in names)
    return (
        f"projection {ARRIVALS} (select {day}, count() group by {day})",
        f"projection {BY_KEY} (select {columns} order by {layout.key_hash})"
        f" with settings (index_granularity = {KEY_GRANULE})",
    )


def indexes(layout: Layout) -> tuple[str, ...]:
    """The declarations of a table's indexes: where no order shows when rows came, the least and greatest moment of each
    granule. An unknown moment counts as 0; as NULL it would pass for the greatest."""
    said = ", ".join(f"assumeNotNull({name})" for name in layout.moments)
    return (f"index {ARRIVED} ({said}) type minmax granularity 1",) if said else ()
