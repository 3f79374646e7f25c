"""The short ways in: a spreadsheet of channels or of videos becomes readings, accounts and posts of YouTube."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid5

from stir.errors import StirError
from stir.ingest.files.dates import Found
from stir.ingest.files.plans import NAMESPACE, Columns, Derived, Options, Plan, derived_number
from stir.ingest.files.synonyms import CHANNEL, POST
from stir.ingest.records import Violation, checker
from stir.sources.contract import contract

PROFILES, POSTS = "events.profile_log_events", "events.post_log_events"
ACCOUNTS, VIDEOS = "beat_replica.youtube_account", "beat_replica.youtube_post_simple"
SOURCE = "file"

_ID = re.compile(r"UC[0-9A-Za-z_-]{22}")
_LINK = re.compile(r"(?:https?://)?(?:www\.|m\.)?(?:youtube\.com|youtu\.be)/(.*)", re.IGNORECASE)
_VIDEO = re.compile(r"(?:watch\?(?:.*&)?v=|shorts/|embed/|live/|v/)?([0-9A-Za-z_-]{11})(?:[?&#/].*)?")


class _YouTube(Plan):
    """What both ways share: columns, whose channel it is, and when it was seen."""

    names: Mapping[str, Sequence[str]]
    needs: tuple[str, ...]

    def __init__(
        self,
        options: Options,
        theirs: Sequence[str],
        sample: Sequence[Mapping[str, Any]],
        *,
        delimiter: str = "",
        where: str = "",
        formats: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        moments = [name for name in ("date", "published") if name in self.names]
        self._columns = Columns(
            options, theirs, sample, self.names, moments, delimiter=delimiter, where=where, formats=formats
        )
        self.formats = self._columns.formats
        self._cells, self.mapping = self._columns.cells, self._columns.mapping
        self.checkers = {table: checker(table) for table in self.tables}
        self.version = ", ".join(f"{table} {contract(table).version}" for table in self.tables)
        self.said = []
        if self._columns.unused:
            self.said.append(f"columns not loaded: {', '.join(self._columns.unused)}")
        owners = [name for name in ("channel_id", "handle", "channel") if self._columns.has(name)]
        for need, found in (("a channel (its id, handle or title)", owners), ("a date", self._columns.has("date"))):
            if not found:
                raise StirError(
                    f"the file has no column for {need}; it has {', '.join(theirs)}",
                    where=where,
                    do="name it with --map theirs=ours (ours: channel_id, handle, channel, date), or give one value for"
                    " all rows, as in --set date=2026-06-15",
                )
        if not any(self._columns.has(name) for name in self.needs):
            raise StirError(
                f"the file has none of the counts {', '.join(self.needs)}; it has {', '.join(theirs)}",
                where=where,
                do=f"name one with --map theirs=ours, as in --map '{theirs[-1]}={self.needs[0]}'",
            )
        if "channel_id" not in owners:
            self.said.append(
                f"the file has no channel ids: each is derived from the {'handle' if 'handle' in owners else 'title'},"
                " so the same channel always has the same id, which YouTube does not know"
            )
        elif len(owners) > 1:
            self.said.append("a row without a channel id gets one that is derived from its handle or title")
        self.said.append("event ids are derived (UUID version 5) from who or what was read and when")

    def _text(self, our: str, values: Mapping[str, Any]) -> Any:
        value = self._cells.text(self._columns.get(our, values))
        return value.strip() or None if isinstance(value, str) else value

    def _count(self, our: str, values: Mapping[str, Any], faults: list[Violation]) -> int | None:
        value = self._cells.integer(self._columns.get(our, values))
        if value is None or (isinstance(value, int) and 0 <= value <= 9 * 10**15):
            return value
        faults.append(
            Violation(
                "impossible_number" if isinstance(value, int | float) else "wrong_type",
                our,
                "the value is no whole number from 0",
            )
        )
        return None

    def _flag(self, our: str, values: Mapping[str, Any]) -> bool:
        return self._cells.boolean(self._columns.get(our, values)) is True if our in self.names else False

    def _seen(self, values: Mapping[str, Any], arrived: datetime, faults: list[Violation]) -> datetime:
        """The moment of the reading. A day without a time counts to its end, or to the load if that is earlier."""
        value = self._columns.get("date", values)
        found = None if self._cells.is_null(value) else self._columns.dates["date"].read(value)
        if found is None:
            said = "the date is missing" if self._cells.is_null(value) else "the date cannot be read; see --dates"
            faults.append(Violation("impossible_timestamp", "date", said))
            return arrived
        end = found.at + timedelta(days=1, seconds=-1)
        return found.at if found.has_time else min(end, max(arrived, found.at))

    def _owner(self, values: Mapping[str, Any], faults: list[Violation]) -> tuple[str, str | None, str | None]:
        """Channel id, handle and title of a record's channel."""
        texts = {name: self._text(name, values) for name in ("channel_id", "handle", "channel")}
        for name, said in texts.items():
            if not isinstance(said, str | None):
                faults.append(Violation("wrong_type", name, "an object or a list stands where a text is expected"))
                return "", None, None
        identity, handle, title = texts.values()
        for text in (identity, handle):
            if text and (link := _LINK.fullmatch(text)):
                kind, _, rest = link[1].strip("/").partition("/")
                if kind == "channel":
                    return rest.partition("/")[0].partition("?")[0], None, title
                handle = (rest if kind in ("c", "user") else kind).partition("/")[0].partition("?")[0]
                identity = None if identity == text else identity
        if identity and not _ID.fullmatch(identity):
            # A column of ids that holds a handle: everything else is refused by the shape.
            handle, identity = (identity, None) if identity.startswith("@") else (handle, identity)
        if handle and _ID.fullmatch(handle):
            identity, handle = identity or handle, None
        handle = handle.lstrip("@") if handle else None
        if identity is None and (handle or title):
            identity = derived_channel(f"@{handle}" if handle else str(title))
        if identity is None or not _ID.fullmatch(identity):
            said = "the channel is missing" if identity is None else "the channel id has another shape than YouTube's"
            faults.append(Violation("missing_key", "channel_id", said))
        return identity or "", handle, title

    def _account(self, owner: tuple[str, str | None, str | None], updated: datetime) -> dict[str, Any]:
        identity, handle, title = owner
        return {
            "updated_at": updated.isoformat(),
            "id": derived_number(f"channel {identity}"),
            "channel_id": identity,
            "title": title or (None if handle else identity),
            "custom_url": handle,
        }


class ChannelsPlan(_YouTube):
    """One reading of a channel in each record."""

    names = CHANNEL
    tables: tuple[str, ...] = (PROFILES, ACCOUNTS)
    needs = ("subscribers", "views", "videos")

    def derive(self, values: Mapping[str, Any], arrived: datetime) -> Derived:
        """What one record says."""
        faults: list[Violation] = []
        owner = self._owner(values, faults)
        seen = self._seen(values, arrived, faults)
        counts = {name: self._count(name, values, faults) for name in self.needs}
        if not faults and all(count is None for count in counts.values()):
            faults.append(Violation("no_number", "$", "the record has none of the counts"))
        hidden = self._flag("hidden", values)
        account = self._account(owner, version(seen, arrived)) | {
            "subscribers": counts["subscribers"],
            "views": counts["views"],
            "uploads": counts["videos"],
            "is_subscriber_count_hidden": hidden or None,
            "description": self._text("description", values),
            "country": self._text("country", values),
            "language": self._text("language", values),
        }
        found = reading(owner, seen, counts, hidden)
        return Derived({PROFILES: found, ACCOUNTS: account}, faults, owner[0])


class PostsPlan(_YouTube):
    """One reading of a video in each record."""

    names = POST
    tables: tuple[str, ...] = (POSTS, VIDEOS, PROFILES, ACCOUNTS)
    needs = ("views", "likes", "comments")

    def derive(self, values: Mapping[str, Any], arrived: datetime) -> Derived:
        """What one record says."""
        faults: list[Violation] = []
        owner = self._owner(values, faults)
        video = self._video(values, faults)
        seen = self._seen(values, arrived, faults)
        counts = {name: self._count(name, values, faults) for name in (*self.needs, "subscribers")}
        flags = {name: True for name in ("comments_disabled", "ratings_disabled") if self._flag(name, values)}
        published = self._published(values, faults)
        metrics = {"view_count": counts["views"], "likes": counts["likes"], "comments": counts["comments"]}
        event = {
            "event_id": event_id(POSTS, owner[0], video, seen),
            "source": SOURCE,
            "platform": "YOUTUBE",
            "profile_id": owner[0],
            "handle": owner[1],
            "shortcode": video,
            "publish_time": published,
            "event_timestamp": seen.isoformat(),
            "metrics": {name: count for name, count in metrics.items() if count is not None},
            "dimensions": flags,
        }
        post = {
            "id": derived_number(f"video {video}"),
            "shortcode": video,
            "channel_id": owner[0],
            "channel_title": owner[2],
            "updated_at": version(seen, arrived).isoformat(),
            "published_at": published,
            "comments_disabled": flags.get("comments_disabled"),
            **{name: counts[name] for name in self.needs},
            **{name: self._text(name, values) for name in ("title", "description", "category_id", "tags", "thumbnail")},
            "duration": self._text("duration", values),
            "audio_language": self._text("language", values),
        }
        account = self._account(owner, version(seen, arrived)) | {"subscribers": counts["subscribers"]}
        records: dict[str, dict[str, Any]] = {POSTS: event, VIDEOS: post, ACCOUNTS: account}
        if counts["subscribers"] is not None:
            records[PROFILES] = reading(owner, seen, {"subscribers": counts["subscribers"]}, False)
        return Derived(records, faults, video)

    def _video(self, values: Mapping[str, Any], faults: list[Violation]) -> str:
        text = str(self._text("video_id", values) or "")
        link = _LINK.fullmatch(text)
        found = _VIDEO.fullmatch(link[1] if link else text)
        if found is None:
            said = "the video id has another shape than YouTube's" if text else "the video id is missing"
            faults.append(Violation("missing_key", "video_id", said))
        return found[1] if found else ""

    def _published(self, values: Mapping[str, Any], faults: list[Violation]) -> str | None:
        value = self._columns.get("published", values)
        if self._cells.is_null(value):
            return None
        found: Found | None = self._columns.dates["published"].read(value)
        if found is None:
            faults.append(Violation("impossible_timestamp", "published", "the date cannot be read; see --dates"))
            return None
        return found.at.isoformat()


def reading(
    owner: tuple[str, str | None, str | None], seen: datetime, counts: Mapping[str, int | None], is_hidden: bool
) -> dict[str, Any]:
    """A profile reading: the counters of a channel at one moment."""
    spelled = {"subscribers": "subscriber_count", "views": "view_count", "videos": "video_count"}
    return {
        "event_id": event_id(PROFILES, owner[0], "", seen),
        "source": SOURCE,
        "platform": "YOUTUBE",
        "profile_id": owner[0],
        "handle": owner[1],
        "event_timestamp": seen.isoformat(),
        "metrics": {spelled[name]: count for name, count in counts.items() if count is not None},
        "dimensions": {"hidden_subscriber_count": True} if is_hidden else {},
    }


def event_id(table: str, profile: str, post: str, seen: datetime) -> str:
    """The id of a reading: the same reading, loaded from two files, is one event."""
    return str(uuid5(NAMESPACE, f"{table}|{profile}|{post}|{seen.isoformat()}"))


def version(seen: datetime, arrived: datetime) -> datetime:
    """The version of a row that replaces an older one: the load's moment, as builds read by it. Less than a second is
    taken away, the more the older the reading is, so that the newest reading of a load stays."""
    return arrived - (arrived - seen) / 10**9


def derived_channel(name: str) -> str:
    """A channel id for a title or a handle, always the same one, in the shape of YouTube's."""
    text = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return "UC" + base64.urlsafe_b64encode(sha256(f"channel {text}".encode()).digest())[:22].decode()
