"""Snapshots of profiles and records of videos, drawn so that some accounts are touched and others are not."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]

PROFILES = [f"{7000 + number}" for number in range(12)]
CHANNELS = [f"UC{number:022}" for number in range(8)]
VIDEOS = 40


class AccountFeed:
    """What the sources of account activity deliver up to a moment; the first delivery touches all accounts.

    Later ones bring late snapshots, snapshots of today, deliveries of a snapshot with another count, counts of videos,
    new videos, and videos that change their channel.
    """

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311  (a test's dice)
        self._seed = seed
        self._snapshots: list[Row] = []
        self._videos = 0

    def profiles(self, at: datetime, count: int) -> list[Row]:
        """Rows of events.profile_log_events that came in the hour before."""
        rows = []
        for _ in range(count):
            came = {"insert_timestamp": at - timedelta(seconds=self._dice.randint(0, 3000))}
            said = {"metrics": json.dumps({"followers": self._dice.randint(100, 999)})}
            if self._snapshots and self._dice.random() < 0.2:
                rows.append(self._dice.choice(self._snapshots) | said | came)
                continue
            age = self._dice.choice([0.01, 1, 2, 8, 30.5, 31, 92, 366, 500])
            row = {
                "event_id": f"activity-{self._seed}-{len(self._snapshots)}",
                "source": "test",
                "platform": "INSTAGRAM",
                "profile_id": self._dice.choice(PROFILES[: len(PROFILES) if count > 50 else 5]),
                "event_timestamp": at - timedelta(days=age, hours=1),
                "dimensions": "{}",
            }
            self._snapshots.append(row)
            rows.append(row | said | came)
        return rows

    def videos(self, at: datetime, count: int) -> list[Row]:
        """Rows of beat_replica.youtube_post_simple that came in the hour before."""
        channels = CHANNELS if count > 20 else CHANNELS[:4]
        rows = []
        for place in range(count):
            is_new = self._videos < VIDEOS or self._dice.random() < 0.2
            number = self._videos if is_new else self._dice.randrange(self._videos)
            self._videos += is_new
            rows.append(
                {
                    "id": number,
                    "shortcode": f"video-{self._seed}-{number}",
                    "channel_id": self._dice.choice(channels),
                    "post_type": self._dice.choice(["video", "short"]),
                    "views": self._dice.randint(100, 999),
                    "likes": self._dice.randint(0, 9),
                    "comments": self._dice.randint(1, 9),
                    "published_at": at - timedelta(days=number % 100 + 1),
                    "updated_at": at - timedelta(seconds=60 * (count - place)),
                }
            )
        return rows
