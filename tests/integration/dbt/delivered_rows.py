"""Rows as feeds deliver them to the tests of deliveries: late, again, out of order and in contradiction."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from .account_feed import CHANNELS, PROFILES

Row = dict[str, Any]

START, NOW = datetime(2028, 2, 1), datetime(2028, 5, 1)
RUNS = 4
ROWS_OF_A_RUN = 60

EVENTS = {"stg_beat_post_log": "events.post_log_events", "stg_beat_profile_log": "events.profile_log_events"}


def _event(dice: random.Random, _: datetime) -> Row:
    """A delivery of one of twenty events; one in ten says another time, profile or platform than the others."""
    number = dice.randint(0, 19)
    happened = START + timedelta(days=3 * number)
    row = {
        "event_id": f"event-{number}" if dice.random() < 0.95 else " ",
        "source": "test",
        "platform": "INSTAGRAM",
        "profile_id": f"{1000 + number}",
        "event_timestamp": happened,
        "insert_timestamp": happened + timedelta(days=dice.randint(1, 20), seconds=dice.randint(0, 1)),
        "metrics": json.dumps({"likes": dice.randint(0, 9), "followers": dice.randint(0, 9)}),
        "dimensions": "{}",
    }
    other: Row = dice.choice(
        [{"event_timestamp": happened - timedelta(days=40)}, {"profile_id": "9"}, {"platform": "YOUTUBE"}]
    )
    return row | (other if dice.random() < 0.1 else {})


def _post_event(dice: random.Random, at: datetime) -> Row:
    row = _event(dice, at)
    shortcode = "other" if dice.random() < 0.05 else f"post-{row['event_id']}"
    said = {"location": f"Place {dice.randint(0, 9)}", "user_tags": [{"user": {"username": f"u{dice.randint(0, 9)}"}}]}
    return row | {
        "shortcode": shortcode, "publish_time": START - timedelta(days=60), "dimensions": json.dumps(said),
    }  # fmt: skip


SOURCES: dict[str, tuple[str, Callable[[random.Random, datetime], Row]]] = {
    "stg_beat_post_log": (EVENTS["stg_beat_post_log"], _post_event),
    "stg_beat_profile_log": (EVENTS["stg_beat_profile_log"], _event),
    "stg_beat_instagram_account": (
        "beat_replica.instagram_account",
        lambda dice, at: {
            "profile_id": dice.choice(["", "1", "2", "3"]), "followers": dice.randint(0, 9), "updated_at": at,
        },
    ),
    "stg_beat_instagram_post": (
        "beat_replica.instagram_post_simple",
        lambda dice, at: {"shortcode": dice.choice(["", "a", "b", "c"]), "likes": dice.randint(0, 9), "updated_at": at},
    ),
    "stg_beat_youtube_account": (
        "beat_replica.youtube_account",
        lambda dice, at: {"channel_id": f"UC{dice.randint(0, 3):022}", "views": dice.randint(0, 9), "updated_at": at},
    ),
    "stg_beat_youtube_post": (
        "beat_replica.youtube_post_simple",
        lambda dice, at: {"shortcode": dice.choice(["", "a", "b", "c"]), "views": dice.randint(0, 9), "updated_at": at},
    ),
    "stg_beat_asset_log": (
        "beat_replica.asset_log",
        lambda dice, at: {
            "platform": "INSTAGRAM", "entity_type": "POST", "entity_id": dice.choice(["", "a", "b"]),
            "asset_url": f"https://x/{dice.randint(0, 9)}", "updated_at": at,
        },
    ),
    "stg_beat_order": (
        "beat_replica.`order`",
        lambda dice, at: {
            "platform": "SHOPIFY", "platform_order_id": dice.choice(["", "a", "b"]),
            "status": dice.choice(["paid", "sent"]), "updated_at": at,
        },
    ),
    "stg_beat_scrape_request_log": (
        "beat_replica.scrape_request_log",
        lambda dice, at: {
            "id": dice.randint(1, 9), "status": dice.choice(["PENDING", "COMPLETE", "FAILED", "LOST"]),
            "retry_count": dice.randint(0, 2), "created_at": at, "expires_at": NOW + timedelta(days=9),
        },
    ),
    "stg_beat_post_activity_log": (
        "beat_replica.post_activity_log",
        lambda dice, at: {
            "id": dice.randint(1, 9), "platform": "INSTAGRAM", "platform_post_id": dice.choice(["a", "b"]),
            "activity_type": dice.choice(["LIKE", "COMMENT", "POKE"]), "timestamp": at,
        },
    ),
    "stg_beat_profile_relationship_log": (
        "beat_replica.profile_relationship_log",
        lambda dice, at: {
            "target_profile_id": dice.choice(["1", "2"]), "source_profile_id": dice.choice(["3", "4"]),
            "relationship_type": dice.choice(["follower", "following", "friend"]), "timestamp": at,
        },
    ),
}  # fmt: skip
"""Staging model: its source, and a row of it that came at a moment."""

ACTIVITY = {"mart_instagram_account_activity": "profile_id", "mart_youtube_account_activity": "channel_id"}
"""Marts of accounts that are made again where something touched them, and their keys."""

SUBSCRIPTIONS = {
    "mart_youtube_subscriber": "events.yt_profile_relationship_log_events",
    "mart_youtube_subscriber_staging": "events_stage.yt_profile_relationship_log_events",
}
MARTS = (
    "mart_post_location",
    "mart_instagram_post_tagged",
    "mart_instagram_post_hashtags",
    "mart_collection_post_observation",
    *SUBSCRIPTIONS,
)
"""Marts that add what came: of two deliveries of one moment each has to keep the same, whatever came first."""
BEFORE_MARTS = "stg_beat_post_log stg_beat_instagram_post"


def make_subscription(dice: random.Random, at: datetime) -> Row:
    return {
        "event_id": f"subscription-{dice.randint(0, 99)}",
        "source": dice.choice(["api", "page"]),
        "source_channel_id": f"UC{dice.randint(0, 4):022}",
        "target_channel_id": f"UC{dice.randint(5, 7):022}",
        "relationship_type": "subscription",
        "event_timestamp": at,
        "insert_timestamp": at + timedelta(seconds=dice.randint(0, 60)),
    }


def make_rows(dice: random.Random, make: Callable[[random.Random, datetime], Row], now: datetime = NOW) -> list[Row]:
    rows = []
    for number in range(ROWS_OF_A_RUN):
        # A third of the rows say the same second of a day, whatever the order in which they come.
        at = START + timedelta(days=dice.randint(0, 80), seconds=dice.choice([0, 0, dice.randint(0, 86000)]))
        is_new = number % 6 == 0
        row: Row = {"id": number} | make(dice, now - timedelta(minutes=dice.randint(0, 180)) if is_new else at)
        if "event_id" in row:
            del row["id"]
            if is_new:
                row["insert_timestamp"] = now - timedelta(minutes=dice.randint(0, 180))
        rows.append(row)
    return rows + dice.sample(rows, 5)  # replayed


UNTOUCHED = (PROFILES[-1], CHANNELS[-1])
"""An account of each platform that only the first delivery names."""
