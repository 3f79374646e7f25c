"""Metric snapshots of the event feeds, and what they say of each account's weeks and months."""

from __future__ import annotations

from . import leaderboard as d
from .comparison import Subject

PROFILE_FIELDS = {
    "followers": ("followers", "subscriber_count"),
    "following": ("following",),
    "views_total": ("view_count",),
    "uploads_total": ("video_count", "media_count"),
}
POST_FIELDS = {
    "likes": ("likes",),
    "comments": ("comments",),
    "plays": ("play_count", "plays"),
    "views": ("view_count", "views"),
    "other": ("reach", "impressions", "replies", "shares", "saved", "saves"),
}


class Events:
    """What the definitions make of the events: snapshots, and each account's weeks and months."""

    def __init__(self, subject: Subject) -> None:
        columns = (
            "event_id, source, platform, profile_id as platform_id, toDateTime64(event_timestamp, 6) as at,"
            " toDateTime64(insert_timestamp, 6) as ingested, metrics"
        )
        profiles = subject.read(f"select {columns} from events.profile_log_events")
        posts = subject.read(
            f"select {columns}, shortcode, toDateTime64(publish_time, 6) as published from events.post_log_events"
        )
        self.profiles = d.snapshots(profiles, PROFILE_FIELDS, subject.as_of)
        self.posts = d.snapshots(posts, POST_FIELDS, subject.as_of)
        self.weeks = d.account_periods(self.profiles, self.posts, "week")
        self.months = d.account_periods(self.profiles, self.posts, "month")
