"""Records of what Instagram answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stir.collector.reading import moment
from stir.collector.records import Reading, Record, present
from stir.collector.sources.instagram.metrics import STEPS
from stir.collector.sources.instagram.parse import Comment, Insights, Media, Profile
from stir.collector.stored import Row

EVENTS = "graphapi"
"""The name under which staging knows the API."""
ACCOUNTS, POSTS = "beat_replica.instagram_account", "beat_replica.instagram_post_simple"
AUDIENCE = "beat_replica.instagram_profile_insights"


def of_profile(profile: Profile, identity: str, row: Row | None, reading: Reading) -> list[Record]:
    """The event and the row of a profile, whose number of ours is `identity`."""
    metrics = {"followers": profile.followers, "following": profile.following}
    account = reading.row(
        "beat_instagram_account",
        f"profile {identity}",
        row,
        {
            "profile_id": identity,
            "handle": profile.handle,
            "full_name": profile.name,
            "biography": profile.biography,
            "profile_pic_url": profile.picture,
            "fbid": profile.id,
            "is_business_or_creator": True,
            "refreshed_at": reading.moment,
        },
        followers=profile.followers,
        following=profile.following,
        media_count=profile.media_count,
    )
    event = reading.profile(EVENTS, "INSTAGRAM", identity, profile.handle, metrics)
    return [event, account] if present(metrics) else [account]


def of_media(media: Media, author: str | None, handle: str | None, row: Row | None, reading: Reading) -> list[Record]:
    """The event and the row of a post. Without a known author there is only the row."""
    plays = media.views if media.kind == "reels" else None
    metrics = {"likes": media.likes, "comments": media.comments, "play_count": plays}
    counters: dict[str, Any] = {}
    if media.kind != "story":
        # What an insight of ours says stays where this source says nothing of it.
        counters = {"likes": media.likes, "comments": media.comments}
        counters |= {"plays": plays} if media.kind == "reels" else {}
    post = reading.row(
        "beat_instagram_post_simple",
        f"media {media.shortcode}",
        row,
        {
            "shortcode": media.shortcode,
            "profile_id": author,
            "handle": None if row and row.get("handle") else handle,
            "post_id": None if row and row.get("post_id") else media.id,
            "post_type": None if row and row.get("post_type") else media.kind,
            "content_type": media.media_type,
            "caption": media.caption,
            "display_url": media.url,
            "thumbnail_url": media.thumbnail or (media.url if media.kind == "image" else None),
            "publish_time": media.published_at,
            "like_and_view_counts_disabled": None if media.kind == "story" else media.hides_likes,
            "comments_disabled": None if media.kind == "story" else media.comments is None,
        },
        **counters,
    )
    if author is None or not present(metrics):
        return [post]
    return [
        reading.post(EVENTS, "INSTAGRAM", author, handle, media.shortcode, media.published_at, metrics),
        post,
    ]


def of_insights(insights: Insights, row: Row, reading: Reading) -> list[Record]:
    """The event and the row of a post's insights. `views` stays `views`: impressions were counted otherwise."""
    steps = {ours: number for ours, theirs in STEPS.items() if (number := _step(insights, theirs)) is not None}
    counters = {name: insights.count(name) for name in ("likes", "comments", "reach", "saved", "shares", "views")}
    story = {name: insights.count(name) for name in ("replies", "follows", "profile_visits", "navigation")}
    if steps and story["navigation"] is None:
        story["navigation"] = sum(steps.values())
    logged = {name: steps[name] for name in ("tap_forward", "tap_back", "tap_exit") if name in steps}
    rates = {
        name: insights.values[name]
        for name in ("reels_skip_rate", "ig_reels_avg_watch_time", "ig_reels_video_view_total_time")
        if name in insights.values
    }
    event = reading.post(
        EVENTS,
        "INSTAGRAM",
        str(row["profile_id"]),
        row.get("handle"),
        str(row["shortcode"]),
        moment(row.get("publish_time")),
        {**counters, **story, **logged},
        rates,
    )
    read = {
        **counters,
        **story,
        "interactions": insights.count("total_interactions"),
        "profile_activity": insights.count("profile_activity"),
        "taps_forward": steps.get("tap_forward"),
        "taps_back": steps.get("tap_back"),
        "exits": steps.get("tap_exit"),
        "swipe_forward": steps.get("swipe_forward"),
    }
    post = reading.row("beat_instagram_post_simple", f"media {row['shortcode']}", row, read)
    return [event, post] if event.body["metrics"] else [post]


def of_audience(
    audience: Mapping[str, Mapping[str, float]], identity: str, handle: str, row: Row | None, reading: Reading
) -> Record:
    """The row of a profile's audience: weights by column."""
    read = {"profile_id": identity, "handle": handle, **{name: dict(each) for name, each in audience.items() if each}}
    return reading.row("beat_instagram_profile_insights", f"audience {identity}", row, read)


def of_comment(comment: Comment, shortcode: str, reading: Reading) -> Record:
    """The activity that a comment is."""
    row = reading.row(
        "post_activity",
        f"instagram comment {comment.id}",
        None,
        {
            "activity_type": "COMMENT",
            "platform": "INSTAGRAM",
            "platform_post_id": shortcode,
            "actor_profile_id": comment.author,
            "dimensions": present({"text": comment.text}),
            "metrics": present({"likes": comment.likes}),
            "source": EVENTS,
            "timestamp": comment.at,
        },
    )
    return Record(row.stream, {name: row.body[name] for name in row.body if name not in ("created_at", "updated_at")})


def _step(insights: Insights, name: str) -> int | None:
    number = insights.divided.get("navigation", {}).get(name)
    return None if number is None else int(number)
