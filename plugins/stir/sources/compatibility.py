"""Whether a version of a contract may replace the one before it without a new major version."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from stir.sources.contract import Contract, Field, versions

_WIDER = {
    "Int8": {"Int16", "Int32", "Int64"},
    "Int16": {"Int32", "Int64"},
    "Int32": {"Int64"},
    "UInt8": {"UInt16", "UInt32", "UInt64", "Int16", "Int32", "Int64"},
    "UInt16": {"UInt32", "UInt64", "Int32", "Int64"},
    "UInt32": {"UInt64", "Int64"},
    "Date": {"Date32"},
    "DateTime('UTC')": {"DateTime64(3, 'UTC')", "DateTime64(6, 'UTC')"},
    "DateTime64(3, 'UTC')": {"DateTime64(6, 'UTC')"},
}
"""Types that hold every value of another."""
_STRICTNESS = {"keep": 0, "empty": 1, "refuse": 2}


def faults(name: str) -> list[str]:
    """What is wrong with the versions of a contract: breaking changes within a major, and misleading numbers."""
    found: list[str] = []
    known = versions(name)
    for old, new in pairwise(known):
        where = f"{name} {old.version} to {new.version}"
        if new.major == old.major:
            found += [f"{where}: {each}; make it version {new.major + 1}.0.0" for each in breaks(old, new)]
        if _minor(new) == _minor(old) and facts(old) != facts(new):
            found.append(f"{where}: a third number is for descriptions; raise the second for new facts")
    return found


def breaks(old: Contract, new: Contract) -> list[str]:
    """Every way in which a record of the old version, or a reader of its table, is wronged by the new one."""
    found = [
        f"the {what} changed"
        for what, is_other in (
            ("kind", old.kind != new.kind),
            ("key", old.key != new.key),
            ("time of ingestion", old.ingested != new.ingested),
            ("sort order", old.order != new.order),
            ("partition", old.partition != new.partition),
            ("engine", old.engine != new.engine),
        )
        if is_other
    ]
    if gone := set(old.streams) - set(new.streams):
        found.append(f"stream {', '.join(sorted(gone))} is gone")
    for field in old.fields:
        other = new.by_name.get(field.name)
        found += [f"field {field.name} is gone"] if other is None else _field_breaks(field, other)
    for field in new.fields:
        if field.name not in old.by_name and field.required:
            found.append(f"new field {field.name} is required")
    kept = [field.name for field in new.fields if field.name in old.by_name]
    if kept != [field.name for field in old.fields if field.name in new.by_name]:
        found.append("the order of the columns changed")
    return found


def _field_breaks(old: Field, new: Field) -> list[str]:
    found = []
    if not holds(old.type, new.type):
        found.append(f"type {old.type} became {new.type}")
    if old.logical != new.logical:
        found.append(f"{old.logical} became {new.logical}")
    if new.required and not old.required:
        found.append("it is required now")
    if _is_above(new.minimum, old.minimum):
        found.append(f"the minimum rose to {new.minimum}")
    if _is_below(new.maximum, old.maximum):
        found.append(f"the maximum fell to {new.maximum}")
    if _is_below(new.max_bytes, old.max_bytes):
        found.append(f"the greatest length fell to {new.max_bytes} bytes")
    if new.pattern and new.pattern != old.pattern:
        found.append("the pattern changed")
    if new.words and (not old.words or set(old.words) - set(new.words)):
        found.append("words are gone")
    if new.counters and (not old.counters or set(old.counters) - set(new.counters)):
        found.append("counters are gone")
    if new.counters and old.counters_unless and new.counters_unless != old.counters_unless:
        found.append("more records need a counter")
    if new.not_after and new.not_after != old.not_after:
        found.append(f"it may not lie after {new.not_after} any more")
    if old.default != new.default:
        found.append("what stands for a missing value changed")
    if _STRICTNESS[new.on_violation] > _STRICTNESS[old.on_violation]:
        found.append(f"a violation means {new.on_violation} instead of {old.on_violation}")
    if old.personal and not new.personal:
        found.append("it is not personal any more")
    return [f"field {old.name}: {each}" for each in found]


def holds(old: str, new: str) -> bool:
    """Whether a column of the new type holds every value of the old one."""
    if new.startswith("Nullable(") and not old.startswith("Nullable("):
        return holds(old, new.removeprefix("Nullable(").removesuffix(")"))
    if new.startswith("Nullable(") and old.startswith("Nullable("):
        return holds(old.removeprefix("Nullable(")[:-1], new.removeprefix("Nullable(")[:-1])
    return old == new or new in _WIDER.get(old, ())


def _is_above(new: float | datetime | None, old: float | datetime | None) -> bool:
    return new is not None and (old is None or new > old)  # type: ignore[operator]


def _is_below(new: float | datetime | None, old: float | datetime | None) -> bool:
    return new is not None and (old is None or new < old)  # type: ignore[operator]


def _minor(contract: Contract) -> tuple[str, ...]:
    return tuple(contract.version.split(".")[:2])


def facts(contract: Contract) -> tuple[object, ...]:
    """All of a contract but its descriptions and number."""
    fields = [{**_vars(field), "description": ""} for field in contract.fields]
    return (
        contract.kind,
        contract.key,
        contract.ingested,
        contract.order,
        contract.partition,
        contract.streams,
        fields,
        # What few contracts say, so that it is no part of what the others said when they were released.
        *(each for each in (contract.engine.removeprefix("MergeTree"), contract.delivered) if each),
    )


def _vars(field: Field) -> dict[str, object]:
    """What a field says, by name."""
    return {name: getattr(field, name) for name in Field.__dataclass_fields__}
