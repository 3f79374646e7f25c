"""Records for the streams, made from what was read: the third stage of a flow, after asking and parsing.

An event's id is a UUID of version 5 of (source, entity, minute of the reading, request), so the same work done twice is
the same event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid5

from stir.ingest.files.plans import NAMESPACE, derived_number

PROFILE_LOG, POST_LOG = "profile_log", "post_log"
LANGUAGE_MODEL = "language_model_answer"


@dataclass(frozen=True)
class Record:
    """A record and the stream that it goes to."""

    stream: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """When and for which request something was read.

    Attributes:
        moment: of the reading, in whole seconds.
        request: id of the request.
        arrival: the moment of arrival that records name themselves; None in real life, where the sink's clock says it.
            Under a clock of the past (STIR_AS_OF) models would not see what arrives today.
    """

    moment: datetime
    request: int
    arrival: datetime | None = None
    source: str = ""

    def event_id(self, source: str, entity: str) -> str:
        """The id of the event that reports the entity."""
        minute = self.moment.replace(second=0, microsecond=0).isoformat()
        return str(uuid5(NAMESPACE, f"{source}|{entity}|{minute}|{self.request}"))

    def profile(
        self,
        source: str,
        platform: str,
        profile: str,
        handle: str | None,
        metrics: Mapping[str, Any],
        dimensions: Mapping[str, Any] = {},
        *,
        stream: str = PROFILE_LOG,
    ) -> Record:
        """An event about a profile."""
        return self._event(stream, source, platform, profile, profile, handle, metrics, dimensions, {})

    def post(
        self,
        source: str,
        platform: str,
        profile: str,
        handle: str | None,
        shortcode: str,
        published_at: datetime | None,
        metrics: Mapping[str, Any],
        dimensions: Mapping[str, Any] = {},
    ) -> Record:
        """An event about a post. A time of publication after the reading is no reading's to tell."""
        shown = published_at if published_at and published_at <= self.moment else None
        also = {"shortcode": shortcode, "publish_time": shown.isoformat() if shown else None}
        return self._event(POST_LOG, source, platform, shortcode, profile, handle, metrics, dimensions, also)

    def row(
        self, stream: str, identity: str, standing: Mapping[str, Any] | None, read: Mapping[str, Any], **always: Any
    ) -> Record:
        """A row of a table that keeps the newest of each key.

        Args:
            identity: what the number of a new row is derived from.
            standing: the row as it stands.
            read: columns that replace what stands; None keeps what stands.
            always: counters and flags that replace what stands even by NULL: unknown now is not what it was.
        """
        body: dict[str, Any] = dict(standing or {"id": derived_number(identity), "created_at": self.moment.isoformat()})
        body.pop("updated_at", None)
        body |= {name: value for name, value in read.items() if value is not None} | always
        if self.arrival:
            body["updated_at"] = self.moment.isoformat()
        return Record(stream, {name: _plain(value) for name, value in body.items()})

    def _event(
        self,
        stream: str,
        source: str,
        platform: str,
        entity: str,
        profile: str,
        handle: str | None,
        metrics: Mapping[str, Any],
        dimensions: Mapping[str, Any],
        also: Mapping[str, Any],
    ) -> Record:
        body = {
            "event_id": self.event_id(source, entity),
            "source": source,
            "platform": platform,
            "profile_id": profile,
            "handle": handle,
            **also,
            "event_timestamp": self.moment.isoformat(),
            "metrics": present(metrics),
            "dimensions": present(dimensions),
        }
        return Record(stream, body | ({"insert_timestamp": self.arrival.isoformat()} if self.arrival else {}))


@dataclass
class Found:
    """What a source answered about one request.

    Attributes:
        source: the name under which its events are known.
        complete: false if the source has more than it shows.
        failure: why the request fails all the same; what was read is written.
    """

    source: str
    records: list[Record] = field(default_factory=list)
    complete: bool = True
    notes: list[str] = field(default_factory=list)
    failure: str = ""

    def add(self, records: Iterable[Record]) -> None:
        """Take records in."""
        self.records += records


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of the values: what is absent stays absent."""
    return {name: value for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
