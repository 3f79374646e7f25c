"""The values of a row as the columns of its table take them, and the bounds that no schema says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from stir.ingest import documents
from stir.ingest.spelling import Fault, moment
from stir.sources.contract import Field
from stir.sources.json_schema import is_enforced

SKEW = timedelta(minutes=10)
"""Clocks differ: var clock_skew_minutes of the dbt project."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO = {"String": "", "Bool": False, "Date": _EPOCH.date(), "DateTime('UTC')": _EPOCH, "DateTime64(6, 'UTC')": _EPOCH}
_PLAIN = re.compile(r'\{(?:"[a-z_]+": ?(?:0|[1-9][0-9]{0,14})(?:, ?(?=")|(?=\})))+\}')
_NAME = re.compile(r'"([a-z_]+)"')
"""A document of nothing but whole numbers that are counts: nearly all are, and to look is cheaper than to parse."""
HELD = {
    "DateTime('UTC')": (_EPOCH, datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)),
    "DateTime64(6, 'UTC')": (datetime(1900, 1, 1, tzinfo=UTC), datetime(2299, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    "Date": (_EPOCH.date(), date(2149, 6, 6)),
}
"""The moments and days that a column can hold."""


def needs_conversion(field: Field) -> bool:
    """Whether a value that the struct took still has to be brought into the column's form, or checked."""
    return (
        field.logical in ("moment", "day", "json", "list")
        or (is_enforced(field) and field.max_bytes is not None)
        or not (field.required or field.is_nullable)
        or bool(field.default)
    )


def absent(field: Field, arrived: datetime) -> Any:
    """What stands in the row for a value that is not there."""
    if field.default == "arrival":
        return arrived
    if field.is_nullable:
        return None
    if field.logical == "json":
        return "{}"
    return [] if field.logical == "list" else _ZERO.get(field.type, 0)


def converted(field: Field, value: Any, row: Mapping[str, Any], arrived: datetime) -> Any:
    """The value as the column takes it.

    Raises:
        Fault: it breaks a bound that neither the struct nor the schema says.
    """
    if value is None and not field.counters:
        return absent(field, arrived)
    if field.logical == "json":
        return _document(field, "{}" if value is None else value, row)
    if field.logical == "moment":
        return _moment(field, value, arrived)
    if field.logical == "day":
        return _day(field, value)
    if field.logical == "number":
        return float(value)
    if field.logical == "list" and "Tuple" in field.type:
        return [(name, float(score)) for name, score in value]
    if field.max_bytes and is_enforced(field) and len(value.strip(" ").encode()) > field.max_bytes:
        reason = "missing_key" if field.required else "too_long"
        raise Fault(reason, f"the text has more than {field.max_bytes} bytes")
    return value


def _document(field: Field, value: Any, row: Mapping[str, Any]) -> str:
    text = documents.text_of(value)
    if not field.counters or (field.counters_unless and str(row.get("source")).startswith(field.counters_unless)):
        return text
    document = value
    if is_plain_counts(text, field.counters):
        return text
    if isinstance(value, str):
        try:
            document = documents.readable(value)
        except ValueError as error:
            raise Fault("malformed_json", f"the document cannot be read: {error}") from None
    if not documents.has_count(document, field.counters):
        raise Fault("no_number", "no counter of the document holds a count")
    return text


def is_plain_counts(text: str, counters: tuple[str, ...]) -> bool:
    """Whether the text is a document of nothing but counts, each once, one of them of the contract."""
    if not _PLAIN.fullmatch(text):
        return False
    names = _NAME.findall(text)
    return len(set(names)) == len(names) and not set(names).isdisjoint(counters)


def _moment(field: Field, value: Any, arrived: datetime) -> datetime:
    found = moment(value)
    least, greatest = HELD[field.plain_type]
    if not least <= found <= greatest:
        raise Fault("impossible_timestamp", f"the column holds moments from {least:%Y-%m-%d} to {greatest:%Y-%m-%d}")
    if is_enforced(field) and isinstance(field.minimum, datetime) and found < field.minimum:
        raise Fault("impossible_timestamp", f"the moment lies before {field.minimum:%Y-%m-%d}")
    if is_enforced(field) and isinstance(field.maximum, datetime) and found > field.maximum:
        raise Fault("impossible_timestamp", f"the moment lies after {field.maximum:%Y-%m-%d}")
    if field.default == "arrival" and found > arrived + SKEW:
        raise Fault("future_timestamp", "the moment lies after the arrival of the record")
    return found


def _day(field: Field, value: Any) -> date:
    found = value if isinstance(value, date) else date.fromisoformat(value)
    least, greatest = HELD[field.plain_type]
    if not least <= found <= greatest:
        raise Fault("impossible_timestamp", f"the column holds days from {least} to {greatest}")
    return found


def too_late(field: Field, row: Mapping[str, Any]) -> Fault | None:
    """The fault of a moment that lies after the one that it must not lie after."""
    moment_, other = row[field.name], row[field.not_after]
    if moment_ is None or other is None or moment_ <= other + SKEW:
        return None
    return Fault("future_timestamp", f"the moment lies after {field.not_after}")
