"""Whether a file has the form of a contract: names of the standard, and rules that stir can keep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from stir.errors import StirError
from stir.sources.contract import FOLDER, Contract, Field, read
from stir.sources.reasons import REASONS

_ROOT = {"apiVersion", "kind", "id", "name", "version", "status", "contractCreatedTs", "description", "team", "schema"}
_TABLE = {"name", "physicalName", "physicalType", "logicalType", "description", "customProperties", "properties"}
_PROPERTY = {
    "name",
    "description",
    "logicalType",
    "physicalType",
    "required",
    "primaryKey",
    "primaryKeyPosition",
    "classification",
    "logicalTypeOptions",
    "quality",
    "items",
    "customProperties",
}
_OPTIONS = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum", "format"},
    "number": {"minimum", "maximum", "format"},
    "timestamp": {"minimum", "maximum"},
    "date": {"minimum", "maximum"},
}
_TABLE_CUSTOM = {"kind", "ingested", "partitionBy", "orderBy", "streams", "engine", "delivered"}
_FIELD_CUSTOM = {"onViolation", "reason", "default", "notAfter", "counters", "countersUnlessSource"}
"""Ours, as `property` and `value`, which is how the standard takes what it has no name for."""


def form_faults(path: Path) -> list[str]:
    """What is wrong with the form of a contract's file."""
    place = str(path.relative_to(FOLDER))
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        contract = read(path)
    except (StirError, yaml.YAMLError) as error:
        return [f"{place}: {str(error).splitlines()[0]}"]
    return [f"{place}: {each}" for each in (*_strange(document), *_rules(contract, path))]


def _strange(document: dict[str, Any]) -> Iterator[str]:
    """Names that the standard does not know, or that stir does not read."""
    if document.get("apiVersion") != "v3.1.0" or document.get("kind") != "DataContract":
        yield "apiVersion is v3.1.0 and kind is DataContract"
    yield from (f"{name!r} is no name of a contract" for name in sorted(set(document) - _ROOT))
    yield from (f"{name!r} is missing" for name in sorted(_ROOT - set(document)))
    (table,) = document["schema"]
    yield from (f"{name!r} is no name of a table" for name in sorted(set(table) - _TABLE))
    custom = {each["property"] for each in table.get("customProperties", ())}
    yield from (f"the table's property {name!r} is unknown" for name in sorted(custom - _TABLE_CUSTOM))
    for each in table["properties"]:
        where = f"field {each['name']}"
        yield from (f"{where}: {name!r} is no name of a property" for name in sorted(set(each) - _PROPERTY))
        options = set(each.get("logicalTypeOptions", ())) - _OPTIONS.get(each["logicalType"], set())
        yield from (f"{where}: {each['logicalType']} has no option {name!r}" for name in sorted(options))
        own = {each_["property"] for each_ in each.get("customProperties", ())} - _FIELD_CUSTOM
        yield from (f"{where}: property {name!r} is unknown" for name in sorted(own))


def _rules(contract: Contract, path: Path) -> Iterator[str]:
    if (contract.name, contract.version) != (path.parent.name, path.stem):
        yield f"the file says it is {contract.name} {contract.version}"
    names = [field.name for field in contract.fields]
    yield from (f"field {name} stands twice" for name in sorted({name for name in names if names.count(name) > 1}))
    sorted_by = [part for part in contract.order if "(" not in part]  # the others are expressions
    yield from (f"orderBy names {name}, which is no field" for name in sorted_by if name not in names)
    if not any(field.required for field in contract.fields):
        yield "no field is required"
    for field in contract.fields:
        yield from (f"field {field.name}: {fault}" for fault in _field_rules(field, names))


def _field_rules(field: Field, names: list[str]) -> Iterator[str]:
    if not field.description:
        yield "it has no description"
    if field.on_violation not in ("refuse", "empty", "keep"):
        yield f"onViolation is refuse, empty or keep, not {field.on_violation!r}"
    if field.on_violation == "empty" and not field.is_nullable:
        yield "a column without NULL cannot be emptied"
    if field.on_violation == "empty" and field.required:
        yield "a required value cannot be emptied"
    if field.required and field.default:
        yield "a required field has no default"
    if field.default not in ("", "arrival"):
        yield f"the default is arrival, not {field.default!r}"
    if field.not_after and field.not_after not in names:
        yield f"notAfter names {field.not_after!r}, which is no field"
    if field.not_after and field.on_violation == "keep":
        yield "notAfter is refused or emptied, not kept"
    if field.reason and field.reason not in REASONS:
        yield f"{field.reason!r} is no reason; stir.sources.reasons lists them"
    try:
        re.compile(field.pattern)
    except re.error as error:
        yield f"the pattern cannot be read: {error}"
