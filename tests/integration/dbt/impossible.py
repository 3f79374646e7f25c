"""What cannot be, for every source: the rows that test_cleaning.py plants."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

OWN_NUMBER = ""
"""The key is the row's own number, below zero."""

CHANNEL = "UCimpossibleimpossible{:02}"
KEYS = {
    "stg_beat_instagram_account": ("beat_replica.instagram_account", "profile_id", "profile_id", "999999999{:02}"),
    "stg_beat_instagram_post": ("beat_replica.instagram_post_simple", "shortcode", "shortcode", "impossible{:02}"),
    "stg_beat_youtube_account": ("beat_replica.youtube_account", "channel_id", "channel_id", CHANNEL),
    "stg_beat_youtube_post": ("beat_replica.youtube_post_simple", "shortcode", "shortcode", "impossible{:02}"),
    "stg_beat_asset_log": ("beat_replica.asset_log", "entity_id", "entity_id", "impossible{:02}"),
    "stg_beat_credential": ("beat_replica.credential", "id", "id", OWN_NUMBER),
    "stg_coffee_post_collection": ("coffee_replica.post_collection", "id", "id", "impossible{:02}"),
    "stg_coffee_keyword_collection": ("coffee_replica.keyword_collection", "id", "id", "impossible{:02}"),
    "stg_coffee_post_collection_item": ("coffee_replica.post_collection_item", "id", "id", OWN_NUMBER),
    "stg_coffee_staging_post_collection_item": ("coffee_stage.post_collection_item", "id", "id", OWN_NUMBER),
    "stg_beat_order": ("beat_replica.order", "platform_order_id", "platform_order_id", "impossible{:02}"),
    "stg_beat_instagram_profile_insights": (
        *("beat_replica.instagram_profile_insights", "profile_id", "profile_id", "999999999{:02}"),
    ),
    "stg_beat_youtube_profile_insights": ("beat_replica.youtube_profile_insights", "channel_id", "channel_id", CHANNEL),
    "stg_beat_scrape_request_log": ("beat_replica.scrape_request_log", "id", "id", OWN_NUMBER),
    "stg_beat_post_activity_log": ("beat_replica.post_activity_log", "id", "id", OWN_NUMBER),
    "stg_beat_profile_relationship_log": (
        *("beat_replica.profile_relationship_log", "target_profile_id", "target_profile_id", "impossible{:02}"),
    ),
    "stg_coffee_profile_collection": ("coffee_replica.profile_collection", "id", "id", OWN_NUMBER),
    "stg_coffee_collection_group": ("coffee_replica.collection_group", "id", "id", OWN_NUMBER),
    "stg_coffee_campaign_profiles": ("coffee_replica.view_campaign_profile_lite", "id", "id", OWN_NUMBER),
    "stg_coffee_profile_collection_item": ("coffee_replica.profile_collection_item", "id", "id", OWN_NUMBER),
    "stg_coffee_staging_profile_collection_item": ("coffee_stage.profile_collection_item", "id", "id", OWN_NUMBER),
    "stg_coffee_view_instagram_account_lite": ("coffee_replica.view_instagram_account_lite", "id", "id", OWN_NUMBER),
    "stg_coffee_view_youtube_account_lite": ("coffee_replica.view_youtube_account_lite", "id", "id", OWN_NUMBER),
    "stg_coffee_staging_view_instagram_account_lite": (
        *("coffee_stage.view_instagram_account_lite", "id", "id", OWN_NUMBER),
    ),
    "stg_coffee_staging_view_youtube_account_lite": (
        *("coffee_stage.view_youtube_account_lite", "id", "id", OWN_NUMBER),
    ),
}
"""Staging model: its source, the key's column there and here, and the key of a planted row."""

ELSEWHERE = {
    "events.post_log_events": "test_rejects.py plants every fault of an event",
    "events.profile_log_events": "test_rejects.py plants every fault of an event",
    "beat_replica.recent_scrape_request_log": "a window of the log of jobs",
    "ds.creator_fake_share": "the project's own scorer writes what is read of it, by a contract that bounds each value",
    "ds.interest_survey": "words alone, which test_cleaners.py looks at",
    "coffee_replica.activity_tracker": "read by no model",
    "events.scrape_request_log_events": "read by no model",
    "vendor.instagram_page_stats": "read by no model",
}
"""Sources that have no rows here and none in test_direct_sources.py, and why."""

NO_COUNTS = ['{"%s": -1}', '{"%s": 18446744073709551616}', '{"%s": "many"}', '{"%s": 9e300}']
NO_WEIGHTS = ['{"Oslo": -1}', '{"Oslo": 1e300}', '{"Oslo": "many"}', '{"Oslo": NaN}']
ALSO: dict[str, dict[str, Any]] = {
    "stg_beat_order": {
        "order_data": [f'{{"total_price": "{price}"}}' for price in ("1.2345", "1,234", "-5", "1e13")],
        "utm_params": "{}",
    },
    "stg_beat_instagram_profile_insights": {"audience_city": NO_WEIGHTS},
    "stg_beat_youtube_profile_insights": {"city": NO_WEIGHTS},
    "stg_beat_scrape_request_log": {"status": "PENDING", "params": "{}", "picked_at": None, "scraped_at": None},
    "stg_beat_post_activity_log": {
        **{"platform_post_id": "impossible", "activity_type": "LIKE", "dimensions": "{}"},
        "metrics": [document % "likes" for document in NO_COUNTS],
    },
    "stg_beat_profile_relationship_log": {
        **{"source_profile_id": "1", "relationship_type": "follower", "source_dimensions": "{}"},
        **{"target_dimensions": "{}", "source_metrics": [document % "followers" for document in NO_COUNTS]},
    },
}
"""By staging model what its rows say beside the planted, and documents with impossible numbers, one for each row."""
TIMED = {"beat_replica.post_activity_log": "timestamp", "beat_replica.profile_relationship_log": "timestamp"}
TIMED |= {"beat_replica.scrape_request_log": "created_at"}
"""Sources without `updated_at`, and the time of their rows."""

PLANTED: dict[str, list[Any]] = {
    "Int64": [2**63 - 1, -1, 9 * 10**15 + 1, -(2**63)],
    "Int32": [-1, -2, -3, -(2**31)],
    "String": ["a\0b", "\0", "\0\0 c", f"{3000 * chr(0xE01)}\0"],
    "Float64": [math.nan, math.inf, -0.5, 1e300],
    "DateTime64": [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2299, 12, 31, tzinfo=UTC),
        datetime(1901, 1, 1, tzinfo=UTC),
        datetime(2150, 1, 1, tzinfo=UTC),
    ],
}
"""What cannot be, by type of the column; the n-th row has the n-th everywhere."""
