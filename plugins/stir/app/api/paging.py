"""Cursors: where a listing goes on, of which generation, and under which filters."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from stir.app.api.problems import Fault, Problem

_VERSION = 1


@dataclass(frozen=True)
class Cursor:
    """The place after which a page begins.

    Attributes:
        generation: of the table whose rows are listed. after: the last place given, in the listing's order.
        month: of the board, so that a listing of the latest month stays in its month; None in other listings.
    """

    generation: int
    after: int
    month: str | None


def fingerprint(filters: Mapping[str, Any]) -> str:
    """A short hash of the filters that a cursor belongs to."""
    text = json.dumps(filters, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def encode(cursor: Cursor, filters: Mapping[str, Any]) -> str:
    """The cursor as an opaque text for a URL."""
    fields = [_VERSION, cursor.generation, cursor.after, cursor.month, fingerprint(filters)]
    return base64.urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(text: str, filters: Mapping[str, Any]) -> Cursor:
    """The cursor of a text.

    Raises:
        Problem: 400, the text is no cursor, or it belongs to other filters.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        version, generation, after, month, belongs_to = json.loads(base64.b64decode(padded, b"-_", validate=True))
        cursor = Cursor(int(generation), int(after), None if month is None else str(month))
        if cursor.month is not None:
            date.fromisoformat(cursor.month)
        usable = version == _VERSION and 0 <= cursor.after < 2**31 and 0 < cursor.generation < 2**63
    except (ValueError, TypeError, binascii.Error, RecursionError):
        usable = False
    if not usable:
        raise _refused(text, "it is not a cursor of this API")
    if belongs_to != fingerprint(filters):
        raise _refused(text, "it belongs to other filters")
    return cursor


def _refused(text: str, why: str) -> Problem:
    fault = Fault(parameter="cursor", value=text[:200], message=why)
    return Problem(
        400,
        f"the cursor cannot be used: {why}; ask without cursor for the first page",
        kind="bad-cursor",
        errors=[fault],
    )
