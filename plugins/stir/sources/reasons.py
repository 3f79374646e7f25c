"""Why a record or a row is set aside: the one list of reasons, for contracts, staging and the documentation."""

from __future__ import annotations

STAGING: dict[str, str] = {
    "missing_key": "an id is missing, longer than 255 bytes, or of another shape than the platform's",
    "too_long": "a text is longer than an index takes (255 bytes)",
    "unknown_value": "a word is none of its closed list",
    "future_timestamp": "a moment lies after the arrival of the record that reports it",
    "impossible_timestamp": "a moment lies before 2005 or from 2100 on, or nobody can read it",
    "malformed_json": "a document is no JSON",
    "impossible_number": "a number is outside the range that it can have",
    "no_number": "an event reports no counter at all",
    "conflicting_key": "a delivery of an event contradicts the first one",
    "duplicated_key": "a newer delivery of the same key replaced this one",
}
"""Words that staging counts by (macros/rejects/, docs/rejects.md); contracts use the same words for the same faults."""

INGEST: dict[str, str] = {
    "wrong_type": "a value is of another type than the contract says, or is missing",
    "schema_not_found": "nobody knows the contract, or the version, that the message names",
    "too_large": "a record is larger than the limit",
    "not_utf8": "a text is no Unicode",
    "refused_by_clickhouse": "ClickHouse refused the row although the contract took it",
    "undecodable": "the body is no JSON object, or says a member twice",
}
"""Words for what never reaches staging."""

REASONS: dict[str, str] = {**STAGING, **INGEST}
