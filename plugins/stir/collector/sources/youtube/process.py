"""Records of what YouTube answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stir.collector.records import Reading, Record, present
from stir.collector.sources.youtube.parse import Channel, Comment, Subscription, Video
from stir.collector.stored import Row

EVENTS = "ytapi"
"""The name under which staging knows the API."""
ACCOUNTS, VIDEOS = "beat_replica.youtube_account", "beat_replica.youtube_post_simple"


def of_channel(channel: Channel, row: Row | None, reading: Reading) -> list[Record]:
    """The event and the row of a channel. A channel that shows no number has no event: an event reports one."""
    metrics = {
        "subscriber_count": channel.subscribers,
        "view_count": channel.views,
        "video_count": channel.videos,
    }
    flags = {"hidden_subscriber_count": True} if channel.is_hidden else {}
    account = reading.row(
        "beat_youtube_account",
        f"channel {channel.id}",
        row,
        {
            "channel_id": channel.id,
            "title": channel.title,
            "description": channel.description,
            "custom_url": channel.custom_url,
            "country": channel.country,
            "thumbnail": channel.thumbnail,
            "thumbnails": channel.thumbnails,
            "uploads_playlist_id": channel.uploads_playlist,
            "published_at": channel.published_at,
            # The language of the texts stands for the channel's only until somebody has judged it.
            "language": None if row and row.get("language") else channel.language,
        },
        subscribers=channel.subscribers,
        uploads=channel.videos,
        views=channel.views,
        is_subscriber_count_hidden=channel.is_hidden,
    )
    event = reading.profile(EVENTS, "YOUTUBE", channel.id, channel.id, metrics, flags)
    return [event, account] if present(metrics) else [account]


def of_video(video: Video, channel: str, row: Row | None, reading: Reading, source: str = EVENTS) -> list[Record]:
    """The event and the row of a video of the channel."""
    # Absent comments are closed ones; absent likes are hidden, and no flag, which would hide the views, too.
    closed = video.comments is None
    metrics = {
        "view_count": video.views,
        "likes": video.likes,
        "comments": video.comments,
        "comments_disabled": True if closed else None,
    }
    post = reading.row(
        "beat_youtube_post_simple",
        f"video {video.id}",
        row,
        {
            "shortcode": video.id,
            "channel_id": channel,
            "duration": video.duration,
            "published_at": video.published_at,
            "post_type": video.kind,
            "playlist_id": None if row and row.get("playlist_id") else f"UU{channel[2:]}",
            **video.details,
        },
        views=video.views,
        likes=video.likes,
        comments=video.comments,
        comments_disabled=closed,
    )
    event = reading.post(source, "YOUTUBE", channel, channel, video.id, video.published_at, metrics)
    has_number = any(value is not None for value in (video.views, video.likes, video.comments))
    return [event, post] if has_number else [post]


def of_kind(video: Video, row: Row | None, reading: Reading) -> list[Record]:
    """The row of a video that says whether it is a short. Its counters are not touched."""
    read: Mapping[str, Any] = {
        "shortcode": video.id,
        "channel_id": video.channel,
        "duration": video.duration,
        "published_at": video.published_at,
        "post_type": video.kind,
    }
    return [reading.row("beat_youtube_post_simple", f"video {video.id}", row, read)]


def of_comment(comment: Comment, reading: Reading) -> Record:
    """The activity that a comment is. Its number comes from its id, so it is one however often it is read."""
    row = reading.row(
        "post_activity",
        f"comment {comment.id}",
        None,
        {
            "activity_type": "COMMENT",
            "platform": "YOUTUBE",
            "platform_post_id": comment.video,
            "actor_profile_id": comment.author,
            "dimensions": present({"text": comment.text}),
            "metrics": present({"likes": comment.likes}),
            "source": EVENTS,
            "timestamp": comment.at,
        },
    )
    return Record(row.stream, {name: row.body[name] for name in row.body if name not in ("created_at", "updated_at")})


def of_subscription(subscription: Subscription, reading: Reading) -> Record:
    """The event that a channel follows another one."""
    body: dict[str, Any] = {
        "event_id": reading.event_id(EVENTS, subscription.id),
        "relationship_id": subscription.id,
        "relationship_type": "subscription",
        "source": EVENTS,
        "platform": "YOUTUBE",
        "source_channel_id": subscription.channel,
        "target_channel_id": subscription.followed,
        "source_metrics": {},
        "target_metrics": {},
        "source_dimensions": {},
        "target_dimensions": present({"title": subscription.title}),
        "subscribed_on": subscription.since,
        "event_timestamp": reading.moment.isoformat(),
    }
    if reading.arrival:
        body["insert_timestamp"] = reading.arrival.isoformat()
    return Record("yt_profile_relationship", body)
