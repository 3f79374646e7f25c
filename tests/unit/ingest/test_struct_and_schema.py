"""The fast way and the slow way to a verdict agree, whatever the record is."""

from __future__ import annotations

import copy
import re
import sys
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stir.ingest.records import checker
from stir.ingest.spelling import is_moment
from stir.ingest.struct import struct
from stir.sources.contract import Field, contract, contracts
from stir.sources.json_schema import MOMENT, json_schema

MOST = 300 if "--long" in sys.argv else 100
OPTIONS = settings(
    max_examples=MOST, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
ARRIVED = datetime(2026, 6, 15, tzinfo=UTC)
WORDS = [
    "INSTAGRAM",
    "youtube",
    " Like ",
    "CREATOR",
    "reels\t",
    "COMPLETE",
    "follower",
    "NULL",
    "half \ud800",
    "UC" + "x" * 22,
    "12",
    " 7 ",
]
MOMENTS = [
    *("2026-06-14T12:00:00Z", "2026-06-14 12:00:00", "2026-06-14T12:00:00.123456+05:30", "2026-06-14t12:00:00z"),
    *(
        "2026-06-14",
        "2026-02-30T00:00:00Z",
        "2026-06-14T24:00:00Z",
        "2026-06-14T23:59:60Z",
        "0001-01-01T00:00:00+14:00",
    ),
    *("9999-12-31T23:59:59-14:00", "2004-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "1800-01-01T00:00:00Z", "now", ""),
]
NUMBERS = [-(2**63), -1, 0, 1, 100, 255, 256, 9 * 10**15, 9 * 10**15 + 1, 2**31, 2**63 - 1, 2**63, 2**64 - 1]
DOCUMENTS = [
    "{}",
    "",
    '{"likes":1}',
    '{"likes": NaN, "followers": 2}',
    "{",
    "[]",
    {"likes": 3},
    {"followers": "4"},
    {"a": {"b": []}},
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**65),
    st.sampled_from(NUMBERS),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(WORDS),
    st.sampled_from(MOMENTS),
    st.sampled_from(DOCUMENTS),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
CONTRACTS = contracts()
STRUCTS = {each.name: struct(each) for each in CONTRACTS}
SCHEMAS = {
    each.name: jsonschema_rs.Draft202012Validator(json_schema(each), validate_formats=True, formats={MOMENT: is_moment})
    for each in CONTRACTS
}
GOOD: dict[str, list[Any]] = {
    "text": [*WORDS, "x", "2020-01"],
    "integer": [0, 1, 50],
    "number": [0, 0.5, 1],
    "boolean": [True, False],
    "moment": MOMENTS[:4],
    "day": ["2026-06-14"],
    "json": DOCUMENTS,
    "list": [[], ["a"], [["a", 0.5]]],
}


def _field(field: Field) -> st.SearchStrategy[Any]:
    words = [word.lower() for word in field.words]
    return st.one_of(st.sampled_from([*GOOD[field.logical], *words]), st.sampled_from(GOOD[field.logical]), VALUES)


@st.composite
def records(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A contract's name and a record: good in most fields, anything in a few, and some fields missing."""
    known = draw(st.sampled_from(CONTRACTS))
    changed = draw(st.sets(st.sampled_from([field.name for field in known.fields]), max_size=4))
    record = {field.name: copy.copy(_usual(field)) for field in known.fields}
    for field in known.fields:
        if field.name in changed:
            record[field.name] = draw(_field(field))
    for name in draw(st.sets(st.sampled_from([*record]), max_size=2)):
        del record[name]
    if draw(st.integers(0, 9)) == 0:
        record["a field more"] = 1
    return known.name, record


def _usual(field: Field) -> Any:
    if field.logical != "text":
        return GOOD[field.logical][0] if field.logical != "json" else '{"likes":1,"followers":1}'
    if field.words:
        return field.words[0]
    candidates = ["12", "UC" + "x" * 22, "2020-01", "PT4M13S", "x"]
    return next(word for word in candidates if re.search(field.pattern, word))


def _is_json(value: Any) -> bool:
    """Whether JSON can say the value as it is: no number that is none, no half of a character."""
    if isinstance(value, float):
        return value == value and abs(value) != float("inf") and not value.is_integer()
    if isinstance(value, str):
        return "\ud800" not in value
    if isinstance(value, dict):
        return all(_is_json(each) for pair in value.items() for each in pair)
    return all(map(_is_json, value)) if isinstance(value, list) else True


def _takes(name: str, record: dict[str, Any]) -> bool:
    try:
        msgspec.convert(record, STRUCTS[name])
    except msgspec.ValidationError:
        return False
    return True


@OPTIONS
@given(records())
def test_the_struct_takes_what_the_schema_takes(drawn: tuple[str, dict[str, Any]]) -> None:
    name, record = drawn
    if _is_json(record):
        assert _takes(name, record) == SCHEMAS[name].is_valid(record)


@OPTIONS
@given(records())
def test_the_fast_verdict_is_the_slow_one(drawn: tuple[str, dict[str, Any]]) -> None:
    name, record = drawn
    quick = checker(name).check(record, ARRIVED)
    slow = checker(name).judge(record, ARRIVED)
    assert quick.violations == slow.violations
    assert repr(quick.row) == repr(slow.row)
    if quick.row is not None:
        assert list(quick.row) == [field.name for field in contract(name).fields]
        assert checker(name).check(quick.row, ARRIVED).row == quick.row, "a row is a record of itself"
