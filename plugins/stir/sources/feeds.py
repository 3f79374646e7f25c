"""The feeds that published tables rest on, and the age at which each is thought to have stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Feed:
    """A source table that must keep coming. `column` is its time of ingestion, `within` the age at which it stopped."""

    table: str
    column: str
    within: timedelta


_DAILY = timedelta(hours=30)

FEEDS: dict[str, Feed] = {
    feed.table: feed
    for feed in (
        Feed("beat_replica.instagram_account", "updated_at", _DAILY),
        Feed("beat_replica.youtube_account", "updated_at", _DAILY),
        Feed("beat_replica.instagram_post_simple", "updated_at", _DAILY),
        Feed("beat_replica.youtube_post_simple", "updated_at", _DAILY),
        Feed("events.profile_log_events", "insert_timestamp", _DAILY),
        Feed("events.post_log_events", "insert_timestamp", _DAILY),
    )
}
"""Everyone else's name for a feed is the source table's; a log of two platforms is `TABLE (PLATFORM)` for each."""


def source_table(feed: str) -> str:
    """The source table of a feed that may be one platform's part of it."""
    return feed.partition(" ")[0]
