"""A small feed of events with everything that delivery can do to it: delay, repetition, disorder, late visibility."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_DAY = datetime(2028, 2, 1)
DAYS = 100
"""100 days over a leap day and three ends of months."""

LOOK_BACK = timedelta(hours=4)
END = FIRST_DAY + timedelta(days=DAYS)
PROFILE_LAG = timedelta(days=3)
"""The feed of profiles comes so much later than that of posts: one watermark over both would hide all of it."""


@dataclass(frozen=True)
class Delivery:
    """One row of an event table, whether it comes later than the look-back, and when a reader can first see it."""

    table: str
    row: tuple[object, ...]
    is_late: bool
    ingested_at: datetime
    visible_at: datetime


PROFILE_COLUMNS = (
    "event_id", "source", "platform", "profile_id", "handle", "event_timestamp", "insert_timestamp", "metrics",
    "dimensions",
)  # fmt: skip
POST_COLUMNS = (
    "event_id", "source", "platform", "profile_id", "handle", "shortcode", "publish_time", "event_timestamp",
    "insert_timestamp", "metrics", "dimensions",
)  # fmt: skip


def _arrivals(
    dice: random.Random, happened_at: datetime, lag: timedelta = timedelta()
) -> Iterator[tuple[datetime, datetime]]:
    """When the deliveries of an event arrive, and when each is visible: the feed's lag and up to 4 hours later."""
    late = dice.random() < 0.15
    arrived = happened_at + timedelta(seconds=dice.randint(1, 25 * 86400 if late else 3000))
    again = [arrived + timedelta(seconds=dice.choice([0, dice.randint(1, 5 * 86400)]))] if dice.random() < 0.1 else []
    for moment in (arrived, *again):
        hidden = timedelta(seconds=dice.randint(0, 14399)) if dice.random() < 0.5 else timedelta()
        yield moment, moment + lag + hidden


def _quoted(dice: random.Random, value: int) -> int | str:
    return str(value) if dice.random() < 0.1 else value


def deliveries(seed: int, accounts: int = 40) -> list[Delivery]:
    """All deliveries of the accounts' profile and post snapshots, in no order."""
    dice = random.Random(seed)  # noqa: S311  (a test's dice)
    found = [delivery for number in range(accounts) for delivery in _account(dice, number)]
    dice.shuffle(found)
    return found


def _account(dice: random.Random, number: int) -> Iterator[Delivery]:
    platform = "YOUTUBE" if number % 3 == 0 else "INSTAGRAM"
    account = f"UC{number:022d}" if platform == "YOUTUBE" else str(1_000 + number)
    level = dice.randint(0, 100_000)
    views = dice.randint(0, 10_000_000)
    for day in range(DAYS):
        level = max(0, level + dice.randint(-300, 500))
        views += dice.randint(-50, 20_000)
        if dice.random() < 0.3 or (number % 7 == 0 and 30 <= day < 65):
            continue
        seen_at = FIRST_DAY + timedelta(days=day, seconds=dice.randint(0, 86399))
        metrics: dict[str, object] = (
            {"subscriber_count": _quoted(dice, level), "view_count": _quoted(dice, views), "video_count": 10 + day // 9}
            if platform == "YOUTUBE"
            else {"followers": _quoted(dice, level), "following": 50 + day}
        )
        if dice.random() < 0.02:
            metrics = {"following": 1, "view_count": views} | dict.fromkeys(("followers", "subscriber_count"))
        event_id = f"profile-{account}-{day}"
        for turn, (arrived, visible) in enumerate(_arrivals(dice, seen_at, PROFILE_LAG)):
            metrics |= {"following": 50 + day + turn}  # a delivery of the same second, too, may say something else
            row = (event_id, "test", platform, account, None, seen_at, arrived, json.dumps(metrics), "{}")
            late = arrived > seen_at + LOOK_BACK
            yield Delivery("events.profile_log_events", row, late, arrived, visible)
    for post in range(20):
        published = FIRST_DAY + timedelta(seconds=dice.randint(0, DAYS * 86400))
        plays = dice.random() < 0.6
        for reading in range(dice.randint(0, 8)):
            seen_at = published + timedelta(seconds=dice.randint(60, 12 * 86400))
            if seen_at >= END:
                continue
            metrics = {"likes": _quoted(dice, reading * 10), "comments": dice.choice([None, reading])}
            if platform == "YOUTUBE" or plays:
                metrics["view_count" if platform == "YOUTUBE" else "play_count"] = _quoted(dice, reading * 1000)
            event_id = f"post-{account}-{post}-{reading}"
            for turn, (arrived, visible) in enumerate(_arrivals(dice, seen_at)):
                metrics |= {"likes": reading * 10 + turn}
                post_row = (
                    event_id, "test", platform, account, None, f"{account}-{post}", published, seen_at, arrived,
                    json.dumps(metrics), "{}",
                )  # fmt: skip
                late = arrived > seen_at + LOOK_BACK
                yield Delivery("events.post_log_events", post_row, late, arrived, visible)


def period_of(delivery: Delivery) -> datetime:
    """When the period began to which a delivery's event belongs, as a month: that of a post's publication."""
    moment = delivery.row[6] if delivery.table == "events.post_log_events" else delivery.row[5]
    assert isinstance(moment, datetime)
    return moment.replace(day=1, hour=0, minute=0, second=0)


def post_records(batch: list[Delivery]) -> dict[str, list[dict[str, object]]]:
    """The record that a source has of a post after each event of it, by table."""
    records: dict[str, list[dict[str, object]]] = {}
    for delivery in batch:
        if delivery.table != "events.post_log_events":
            continue
        event = dict(zip(POST_COLUMNS, delivery.row, strict=True))
        is_video = event["platform"] == "YOUTUBE"
        said = json.loads(str(event["metrics"]))
        record = {
            "id": len(records),
            "shortcode": event["shortcode"],
            "channel_id" if is_video else "profile_id": event["profile_id"],
            "post_type": "video" if is_video else "reels",
            "views" if is_video else "plays": int(said.get("view_count" if is_video else "play_count", 0)),
            "likes": int(said["likes"]),
            "published_at" if is_video else "publish_time": event["publish_time"],
            "updated_at": delivery.ingested_at,
        }
        table = f"beat_replica.{'youtube' if is_video else 'instagram'}_post_simple"
        records.setdefault(table, []).append(record)
    return records
