"""Each kind of breaking change of a contract is found, and none that is allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from stir.sources import compatibility
from stir.sources.compatibility import breaks, faults
from stir.sources.contract import Contract, Field

LATER = datetime(2030, 1, 1, tzinfo=UTC)
OLD = Contract(
    name="events.sample",
    version="1.0.0",
    kind="event",
    key="id",
    ingested="at",
    fields=(
        Field("id", "String", "text", required=True, max_bytes=64),
        Field("word", "String", "text", required=True, words=("A", "B")),
        Field("number", "Nullable(Int32)", "integer", minimum=0, maximum=100, on_violation="empty"),
        Field("at", "DateTime('UTC')", "moment", minimum=datetime(2005, 1, 1, tzinfo=UTC), default="arrival"),
        Field("document", "String", "json", counters=("likes", "views"), counters_unless="model_"),
        Field("name", "Nullable(String)", "text", personal=True, on_violation="keep"),
    ),
    order=("id",),
    partition="toYYYYMM(at)",
    streams=("sample",),
    owner="us",
    since=datetime(2026, 1, 1, tzinfo=UTC),
    description="A sample.",
)


def with_field(name: str, **changes: Any) -> Contract:
    fields = tuple(replace(field, **changes) if field.name == name else field for field in OLD.fields)
    return replace(OLD, version="1.1.0", fields=fields)


BREAKING: dict[str, Contract] = {
    "the kind changed": replace(OLD, kind="mutable"),
    "the key changed": replace(OLD, key="word"),
    "the time of ingestion changed": replace(OLD, ingested="now()"),
    "the sort order changed": replace(OLD, order=("id", "word")),
    "the partition changed": replace(OLD, partition=""),
    "stream sample is gone": replace(OLD, streams=()),
    "field name is gone": replace(OLD, fields=OLD.fields[:-1]),
    "the order of the columns changed": replace(OLD, fields=OLD.fields[::-1]),
    "new field more is required": replace(OLD, fields=(*OLD.fields, Field("more", "String", "text", required=True))),
    "field number: type Nullable(Int32) became Nullable(Int16)": with_field("number", type="Nullable(Int16)"),
    "field number: type Nullable(Int32) became Int32": with_field("number", type="Int32"),
    "field number: integer became number": with_field("number", logical="number"),
    "field number: it is required now": with_field("number", required=True),
    "field number: the minimum rose to 1": with_field("number", minimum=1),
    "field number: the maximum fell to 99": with_field("number", maximum=99),
    "field number: a violation means refuse instead of empty": with_field("number", on_violation="refuse"),
    "field name: a violation means empty instead of keep": with_field("name", on_violation="empty"),
    "field name: it is not personal any more": with_field("name", personal=False),
    "field name: the greatest length fell to 10 bytes": with_field("name", max_bytes=10),
    "field name: the pattern changed": with_field("name", pattern="^a"),
    "field name: words are gone": with_field("name", words=("A",)),
    "field name: it may not lie after at any more": with_field("name", not_after="at"),
    "field id: the greatest length fell to 63 bytes": with_field("id", max_bytes=63),
    "field word: words are gone": with_field("word", words=("A", "C")),
    "field at: what stands for a missing value changed": with_field("at", default=""),
    "field at: the minimum rose to 2006-01-01 00:00:00+00:00": with_field(
        "at", minimum=datetime(2006, 1, 1, tzinfo=UTC)
    ),
    "field at: the maximum fell to 2030-01-01 00:00:00+00:00": with_field(
        "at", maximum=datetime(2030, 1, 1, tzinfo=UTC)
    ),
    "field document: counters are gone": with_field("document", counters=("likes",)),
    "field document: more records need a counter": with_field("document", counters_unless=""),
}
ALLOWED: dict[str, Contract] = {
    "an optional field more": replace(OLD, fields=(*OLD.fields, Field("more", "Nullable(String)", "text"))),
    "a wider integer": with_field("number", type="Nullable(Int64)"),
    "a column that takes NULL": with_field("at", type="Nullable(DateTime('UTC'))"),
    "finer moments": with_field("at", type="DateTime64(6, 'UTC')"),
    "a required field that is optional": with_field("id", required=False),
    "a lower minimum": with_field("number", minimum=-5),
    "no minimum": with_field("number", minimum=None),
    "a greater maximum": with_field("number", maximum=1000),
    "a longer text": with_field("id", max_bytes=None),
    "one more word": with_field("word", words=("A", "B", "C")),
    "any word": with_field("word", words=()),
    "one more counter": with_field("document", counters=("likes", "views", "plays")),
    "a milder end": with_field("number", on_violation="keep"),
    "more that is personal": with_field("id", personal=True),
    "other words for it": with_field("id", description="The event."),
    "one more stream": replace(OLD, streams=("sample", "more")),
}


@pytest.mark.parametrize("said", BREAKING)
def test_a_breaking_change_is_found_and_said(said: str) -> None:
    assert said in breaks(OLD, BREAKING[said])


@pytest.mark.parametrize("change", ALLOWED)
def test_a_widening_change_is_allowed(change: str) -> None:
    assert breaks(OLD, ALLOWED[change]) == []


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("1.1.0", "events.sample 1.0.0 to 1.1.0: field name is gone; make it version 2.0.0"),
        ("1.0.1", "events.sample 1.0.0 to 1.0.1: field name is gone; make it version 2.0.0"),
        ("2.0.0", None),
    ],
)
def test_a_breaking_change_needs_a_new_major_version(
    monkeypatch: pytest.MonkeyPatch, version: str, said: str | None
) -> None:
    new = replace(OLD, version=version, fields=OLD.fields[:-1])
    monkeypatch.setattr(compatibility, "versions", lambda name: (OLD, new))
    found = faults("events.sample")
    assert found == [] if said is None else said in found


def test_the_third_number_is_for_descriptions(monkeypatch: pytest.MonkeyPatch) -> None:
    more = replace(ALLOWED["an optional field more"], version="1.0.1")
    said = replace(ALLOWED["other words for it"], version="1.0.1")
    monkeypatch.setattr(compatibility, "versions", lambda name: (OLD, more))
    assert faults("events.sample") == [
        "events.sample 1.0.0 to 1.0.1: a third number is for descriptions; raise the second for new facts"
    ]
    monkeypatch.setattr(compatibility, "versions", lambda name: (OLD, said))
    assert faults("events.sample") == []


def test_every_fact_of_a_field_is_compared() -> None:
    changed = {name.split(":")[0].split()[1] for name in BREAKING if name.startswith("field")}
    assert changed == {"id", "word", "number", "at", "document", "name"}
    compared = {"type", "logical", "required", "personal", "minimum", "maximum", "max_bytes", "pattern", "words"}
    compared |= {"counters", "counters_unless", "not_after", "default", "on_violation"}
    free = {"name", "reason", "description", "key"}
    assert set(Field.__dataclass_fields__) == compared | free
