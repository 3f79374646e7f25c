"""The verdict about a record: the row that goes into the source table, or every reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jsonschema_rs
import msgspec

from stir.ingest.body import Undecodable, decode
from stir.ingest.columns import absent, converted, needs_conversion, too_late
from stir.ingest.spelling import WANTED, Fault, is_moment, spelled
from stir.ingest.struct import struct
from stir.sources.contract import Contract, Field, OnViolation, contract, versions
from stir.sources.json_schema import MOMENT, json_schema

SCHEMA, SCHEMA_VERSION = "_schema", "_schema_version"
"""Members of a message that name its contract; without them it is the stream's newest."""


@dataclass(frozen=True)
class Violation:
    """One way in which a record breaks its contract.

    Attributes:
        reason: a word of stir.sources.reasons.
        path: the field, and the place in it; `$` is the whole record.
        message: what is wrong, without any value of the record: it is shown and logged.
        effect: the record was refused, the value emptied, or kept for staging to decide.
    """

    reason: str
    path: str
    message: str
    effect: OnViolation = "refuse"


@dataclass(frozen=True)
class Verdict:
    """What becomes of a record.

    Attributes:
        row: the row for the source table, with a value for each column; None if the record is refused.
        violations: every way in which the record breaks the contract; of a row those whose values were emptied or kept.
        version: version of the contract that decided; empty if the message names one that does not exist.
    """

    row: dict[str, Any] | None
    violations: tuple[Violation, ...] = ()
    version: str = ""


class Checker:
    """Checks records by a contract. One object serves any number of records, in one thread at a time."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._columns = tuple(field.name for field in contract.fields)
        self._struct = struct(contract)
        self._validator = jsonschema_rs.Draft202012Validator(
            json_schema(contract), validate_formats=True, formats={MOMENT: is_moment}
        )
        self._finished = [field for field in contract.fields if needs_conversion(field)]
        self._ordered = [field for field in contract.fields if field.not_after]

    def check_bytes(self, body: bytes | bytearray | memoryview, arrived_at: datetime | None = None) -> Verdict:
        """The verdict about the record of a message's body."""
        try:
            record = decode(body)
        except Undecodable as error:
            return Verdict(None, (Violation(error.reason, error.path, error.message),), self.contract.version)
        return self.check(record, arrived_at)

    def check(self, record: Mapping[str, Any], arrived_at: datetime | None = None) -> Verdict:
        """The verdict about a record; `arrived_at` stands for a missing time of ingestion, now if it is not given."""
        arrived = arrived_at or datetime.now(UTC).replace(microsecond=0)
        if SCHEMA_VERSION in record or SCHEMA in record:
            return self._check_named(record, arrived)
        try:
            return Verdict(self._row(msgspec.convert(record, self._struct), arrived), (), self.contract.version)
        except (ValueError, TypeError, OverflowError, RecursionError, Fault):
            return self.judge(record, arrived)

    def judge(self, record: Mapping[str, Any], arrived_at: datetime) -> Verdict:
        """The same verdict, with every violation: the slow way, which the fast one falls back on."""
        values: dict[str, Any] = {}
        found: list[Violation] = []
        for field in self.contract.fields:
            notes: list[Fault] = []
            try:
                value = spelled(field, record.get(field.name), notes)
            except Fault as fault:
                found.append(_violation(field, fault))
            else:
                if value is not None:
                    values[field.name] = value
                found += [Violation(note.reason, field.name + note.path, note.message, "keep") for note in notes]
        strange = sorted({str(name) for name in record} - set(self._columns))
        found += self._schema_violations(values, strange, {_field_of(each) for each in found})
        broken = {_field_of(each) for each in found if each.effect != "keep"}
        row: dict[str, Any] = {}
        for field in self.contract.fields:
            try:
                row[field.name] = (
                    absent(field, arrived_at)
                    if field.name in broken
                    else converted(field, values.get(field.name), row, arrived_at)
                )
            except Fault as fault:
                found.append(_violation(field, fault))
                row[field.name] = absent(field, arrived_at)
        for field in self._ordered:
            if late := too_late(field, row):
                found.append(_violation(field, late))
                row[field.name] = None
        refused = any(violation.effect == "refuse" for violation in found)
        return Verdict(None if refused else row, tuple(found), self.contract.version)

    def _check_named(self, record: Mapping[str, Any], arrived: datetime) -> Verdict:
        named, version = record.get(SCHEMA, self.contract.name), record.get(SCHEMA_VERSION, self.contract.version)
        rest = {name: value for name, value in record.items() if name not in (SCHEMA, SCHEMA_VERSION)}
        known = {each.version for each in versions(self.contract.name)}
        if named != self.contract.name:
            message = f"the message names another contract than {self.contract.name}"
            return Verdict(None, (Violation("schema_not_found", SCHEMA, message),))
        if not isinstance(version, str) or version not in known:
            message = f"{self.contract.name} has no such version; its versions are {', '.join(sorted(known))}"
            return Verdict(None, (Violation("schema_not_found", SCHEMA_VERSION, message),))
        if version == self.contract.version:
            return self.check(rest, arrived)
        return self._completed(checker(self.contract.name, version).check(rest, arrived), arrived)

    def _completed(self, verdict: Verdict, arrived: datetime) -> Verdict:
        """A row of another version with the columns that only this version has."""
        if verdict.row is None:
            return verdict
        more = {each.name: absent(each, arrived) for each in self.contract.fields if each.name not in verdict.row}
        return replace(verdict, row=verdict.row | more)

    def _row(self, record: msgspec.Struct, arrived: datetime) -> dict[str, Any]:
        row = dict(zip(self._columns, msgspec.structs.astuple(record), strict=True))
        for field in self._finished:
            row[field.name] = converted(field, row[field.name], row, arrived)
        for field in self._ordered:
            if fault := too_late(field, row):
                raise fault
        "".join([value for value in row.values() if value.__class__ is str]).encode()
        return row

    def _schema_violations(self, values: dict[str, Any], strange: list[str], judged: set[str]) -> list[Violation]:
        said = f"{self.contract.name} {self.contract.version} has no such field; its value is not stored"
        found = [Violation("unknown_value", name, said, "empty") for name in strange]
        for error in self._validator.iter_errors(_encodable(values)):
            kind = type(error.kind).__name__.rpartition("_")[2]
            if kind == "Required":
                field = self.contract.field(_property_of(error))
                if field.name not in judged:
                    found.append(Violation(_missing(field), field.name, "the field is missing"))
                continue
            name, *inner = error.instance_path
            field = self.contract.field(str(name))
            path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in inner)
            found.append(_violation(field, _fault(field, kind, path)))
        return found


def checker(name: str, version: str | None = None) -> Checker:
    """The checker of a contract.

    Raises:
        StirError: there is no such contract or version.
    """
    return _checker(contract(name, version))


@cache
def _checker(known: Contract) -> Checker:
    return Checker(known)


def _encodable(value: Any) -> Any:
    """The value as the validator takes it: a text that is no Unicode, however deep, has a sign in that place."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list():
            return [_encodable(each) for each in value]
        case dict():
            return {_encodable(name): _encodable(each) for name, each in value.items()}
    return value


def _property_of(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind  # its stubs do not say which members each kind has
    return str(kind.property)


def _field_of(violation: Violation) -> str:
    return violation.path.partition(".")[0].partition("[")[0]


def _violation(field: Field, fault: Fault) -> Violation:
    # What breaks even the column's type cannot be kept.
    effect = "refuse" if field.on_violation == "keep" else field.on_violation
    return Violation(fault.reason, field.name + fault.path, fault.message, effect)


def _fault(field: Field, kind: str, path: str) -> Fault:
    """The fault that an error of the JSON Schema means."""
    least, greatest = field.range
    if kind == "Pattern":
        if field.words:
            return Fault(field.reason or "unknown_value", f"the word is none of {', '.join(field.words)}")
        return Fault(field.reason or "missing_key", "the text has another shape than the contract says")
    if kind in ("Minimum", "Maximum"):
        return Fault(field.reason or "impossible_number", f"the number is not from {least} to {greatest}", path)
    if kind == "Format":
        return Fault("impossible_timestamp", f"the text is not {WANTED[field.logical]}")
    return Fault(
        "wrong_type", "a part of the list is of a wrong type" if path else f"not {WANTED[field.logical]}", path
    )


def _missing(field: Field) -> str:
    """Why a record without a required field is refused, in the words of staging."""
    if field.words:
        return "unknown_value"
    if field.counters:
        return "no_number"
    if field.key or field.pattern or field.max_bytes:
        return field.reason or "missing_key"
    return "impossible_timestamp" if field.logical in ("moment", "day") else "wrong_type"
