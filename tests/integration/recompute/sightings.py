"""What was last seen of posts and of pairs of channels, by the definitions in docs/metrics.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from .attributes import clean, handle_of
from .comparison import Row, Subject
from .derived import CHANNEL, POST, given_id

OLDEST, SKEW = datetime(2005, 1, 1), timedelta(minutes=10)


class Sightings:
    """Events that can be, the last of each thing; events that only a hash can order must say the same."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def _last(self, feed: list[Row], read: Callable[[Row], Row | None], *key: str) -> list[Row]:
        found: dict[tuple[Any, ...], Row] = {}
        for event in feed:
            seen, came = event["event_timestamp"], event["insert_timestamp"]
            if not (OLDEST <= seen <= came + SKEW and came <= self.subject.as_of):
                continue
            reported = read(event)
            if reported is None:
                continue
            reported |= {"event_timestamp": seen, "ingested_at": came}
            place = tuple(reported[name] for name in key)
            known = found.get(place)
            if known is None or (known["event_timestamp"], known["ingested_at"]) < (seen, came):
                found[place] = reported
            elif (known["event_timestamp"], known["ingested_at"]) == (seen, came):
                assert known == reported, f"a hash decides between {known} and {reported}"
        return list(found.values())

    def locations(self) -> list[Row]:
        """Where each post was last seen to be placed."""
        feed = self.subject.rows(
            "select * from events.post_log_events where position(dimensions, 'location') > 0 and source != 'graphapi'"
        )
        return self._last(feed, _placed, "platform", "shortcode")

    def tagged(self) -> list[Row]:
        """Whom each post was last seen to tag."""
        feed = self.subject.rows("select * from events.post_log_events where position(dimensions, 'user_tags') > 0")
        return self._last(feed, _tagged, "shortcode")

    def subscriptions(self, store: str) -> list[Row]:
        """Which channel was last seen to subscribe to which, with what both were."""
        channels = {
            row["channel_id"]: row
            for row in self.subject.rows(
                f"select channel_id, category, country from {self.subject.database}.mart_youtube_account"
            )
        }
        feed = self.subject.rows(f"select * from {store}.yt_profile_relationship_log_events")
        pairs = self._last(feed, _subscribed, "subscriber_id", "channel_id")
        for pair in pairs:
            for side, column in (("subscriber", "subscriber_id"), ("channel", "channel_id")):
                about = channels.get(pair[column], {})
                pair |= {f"{side}_{name}": about.get(name) for name in ("category", "country")}
        return pairs


def _members(event: Row) -> Row:
    try:
        found = json.loads(event["dimensions"])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _post(event: Row, *platforms: str) -> Row | None:
    platform, shortcode = event["platform"].strip(" ").upper(), given_id(event["shortcode"], POST)
    if platform not in platforms or not shortcode:
        return None
    return {"platform": platform, "shortcode": shortcode, "profile_id": clean(event["profile_id"])}


def _placed(event: Row) -> Row | None:
    post, members = _post(event, "INSTAGRAM", "YOUTUBE"), _members(event)
    given = members.get("location")
    place = given if isinstance(given, dict) else {"name": given}
    name = clean(place["name"]) if isinstance(place.get("name"), str) else None
    if post is None or name is None:
        return None
    names = ("lat", "lng") if place is given else ("location_lat", "location_long")
    north, east = (_degrees((place if place is given else members).get(each)) for each in names)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        north = east = None
    return post | {"location": name, "latitude": north, "longitude": east}


def _degrees(value: Any) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _tagged(event: Row) -> Row | None:
    post, tags = _post(event, "INSTAGRAM"), _members(event).get("user_tags")
    if post is None or not isinstance(tags, list):
        return None
    users = [tag.get("user") if isinstance(tag, dict) else None for tag in tags]
    names = [user.get("username") for user in users if isinstance(user, dict)]
    handles = {handle for name in names if isinstance(name, str) and (handle := handle_of(name))}
    return post | {"tagged_handles": sorted(handles)}


def _subscribed(event: Row) -> Row | None:
    subscriber, channel = (given_id(event[f"{side}_channel_id"], CHANNEL) for side in ("source", "target"))
    if event["relationship_type"].lower() != "subscription" or not subscriber or not channel:
        return None
    try:
        since = datetime.fromisoformat(event["subscribed_on"].strip())
    except ValueError:
        since = None
    if since:
        since = since.astimezone(UTC).replace(tzinfo=None) if since.tzinfo else since
        since = since.replace(microsecond=since.microsecond // 1000 * 1000)
        since = since if OLDEST <= since <= event["event_timestamp"] + SKEW else None
    return {"subscriber_id": subscriber, "channel_id": channel, "subscribed_at": since} | {
        name: clean(event[name]) for name in ("relationship_id", "source")
    }
