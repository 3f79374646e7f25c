"""The source tables: what identifies a row, and when it was ingested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stir.connections import quoted_table

Kind = Literal["event", "mutable", "frozen"]


@dataclass(frozen=True)
class SourceTable:
    """One source table.

    Attributes:
        name: database and table.
        kind: `event` rows are only added; of `mutable` rows the newest version of a key counts; `frozen` tables come
            with the making of a world and never change.
        ingested: SQL expression for the time of ingestion (empty for frozen tables).
        key: column that identifies a row of a mutable table.
    """

    name: str
    kind: Kind
    ingested: str = ""
    key: str = "id"

    @property
    def quoted(self) -> str:
        """The name for use in SQL."""
        return quoted(self.name)


def quoted(name: str) -> str:
    """`database.table` with each part in backquotes."""
    return quoted_table(*name.split(".", 1))


def _events(ingested: str, *names: str) -> tuple[SourceTable, ...]:
    return tuple(SourceTable(name, "event", ingested) for name in names)


def _mutable(*names: str) -> tuple[SourceTable, ...]:
    return tuple(SourceTable(name, "mutable", "updated_at") for name in names)


_JOB_CHANGED = (
    "arrayMax(arrayFilter(t -> isNotNull(t), [created_at, picked_at, scraped_at,"
    " if(status = 'FAILED' and isNull(scraped_at), expires_at, null)]))"
)
"""A request that waits expires in the future; that is no change of it yet."""

TABLES: tuple[SourceTable, ...] = (
    *_mutable(
        "beat_replica.instagram_account",
        "beat_replica.instagram_post_simple",
        "beat_replica.youtube_account",
        "beat_replica.youtube_post_simple",
        "beat_replica.asset_log",
        "beat_replica.instagram_profile_insights",
        "beat_replica.youtube_profile_insights",
        "beat_replica.order",
        "beat_replica.credential",
    ),
    SourceTable("beat_replica.scrape_request_log", "mutable", _JOB_CHANGED),
    SourceTable("beat_replica.recent_scrape_request_log", "mutable", _JOB_CHANGED),
    *_events("timestamp", "beat_replica.post_activity_log", "beat_replica.profile_relationship_log"),
    *_mutable(
        "coffee_replica.post_collection",
        "coffee_replica.post_collection_item",
        "coffee_replica.profile_collection",
        "coffee_replica.profile_collection_item",
        "coffee_replica.keyword_collection",
        "coffee_replica.collection_group",
        "coffee_replica.activity_tracker",
        "coffee_replica.view_campaign_profile_lite",
        "coffee_replica.view_instagram_account_lite",
        "coffee_replica.view_youtube_account_lite",
        "coffee_stage.post_collection_item",
        "coffee_stage.profile_collection_item",
        "coffee_stage.view_instagram_account_lite",
        "coffee_stage.view_youtube_account_lite",
    ),
    *_events(
        "insert_timestamp",
        "events.post_log_events",
        "events.profile_log_events",
        "events.scrape_request_log_events",
        "events.yt_profile_relationship_log_events",
        "events_stage.yt_profile_relationship_log_events",
    ),
    SourceTable("vendor.social_profiles", "frozen"),
    *_events("toDateTime(snapshot_date, 'UTC') + 10800", "vendor.youtube_channels"),
    SourceTable("vendor.channels_monthly_stats", "frozen"),
    SourceTable("vendor.instagram_page_stats", "frozen"),
    SourceTable("vendor.instagram_posts_historical", "frozen"),
    SourceTable("vendor.instagram_profiles", "frozen"),
    SourceTable("ds.categorization_zsl", "frozen"),
    SourceTable("ds.instagram_prediction", "frozen"),
    SourceTable("ds.creator_followers_fake_analysis", "frozen"),
    SourceTable("ds.interest_survey", "frozen"),
    *_events("created_on", "identity_replica.social_account"),
    SourceTable("identity_replica.host_profile", "frozen"),
    *_events("toDateTime(d, 'UTC') + 97200", "tracking.link_clicks"),
    SourceTable("tracking.link_orders", "event"),
)
"""Every source table of the catalogue, in its order."""
