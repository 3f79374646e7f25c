"""What is true of each source table: fields, types, bounds and what happens to a value that breaks them.

The contracts are the files contracts/DATABASE.TABLE/VERSION.yaml in the form of the Open Data Contract Standard 3.1.
Everything else that knows the columns of a source table is generated from them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

from stir.errors import StirError

FOLDER = Path(__file__).parent / "contracts"

Kind = Literal["event", "mutable", "frozen"]
OnViolation = Literal["refuse", "empty", "keep"]
Logical = Literal["text", "integer", "number", "boolean", "moment", "day", "json", "list"]

_LOGICAL: dict[str, Logical] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "timestamp": "moment",
    "date": "day",
    "array": "list",
}
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_NULLABLE = re.compile(r"Nullable\((.*)\)")
_WIDTHS = {f"{sign}{bits}": bits for bits in (8, 16, 32, 64) for sign in ("Int", "UInt")}


@dataclass(frozen=True)
class Field:
    """One field of a contract, a column of the source table.

    Attributes:
        type: ClickHouse type of the column.
        required: a record without it is refused. A column may take NULL and its field still be required: the table also
            holds what came before the contract.
        personal: its values are encrypted in the quarantine and never shown in a list or a log.
        minimum, maximum: bounds of a number or a moment.
        max_bytes: greatest length of a text, without blanks around it.
        pattern: regular expression that a text matches.
        words: the closed list that a text is of, without regard to case and to blanks around it.
        counters: names of the JSON document's counters; a record reports at least one of them.
        counters_unless: records whose field `source` begins with this need no counter.
        not_after: another field, whose moment this one does not lie after.
        default: `arrival` if the moment of arrival stands for a missing value.
        reason: why a value that breaks a bound is set aside, where the kind of the bound does not say it.
        on_violation: a value that breaks the contract: `refuse` the record, `empty` the value, or `keep` it, so that
            staging decides. What the column cannot hold is never kept.
    """

    name: str
    type: str
    logical: Logical
    required: bool = False
    personal: bool = False
    minimum: int | float | datetime | None = None
    maximum: int | float | datetime | None = None
    max_bytes: int | None = None
    pattern: str = ""
    words: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    counters_unless: str = ""
    not_after: str = ""
    default: str = ""
    reason: str = ""
    on_violation: OnViolation = "refuse"
    description: str = ""
    key: bool = False

    @cached_property
    def is_nullable(self) -> bool:
        """Whether the column takes NULL."""
        return bool(_NULLABLE.fullmatch(self.type))

    @cached_property
    def plain_type(self) -> str:
        """The column's type without Nullable."""
        found = _NULLABLE.fullmatch(self.type)
        return found[1] if found else self.type

    @cached_property
    def range(self) -> tuple[int | float | None, int | float | None]:
        """The least and greatest number: what the column holds, and of that what the contract allows."""
        bits = _WIDTHS.get(self.plain_type)
        least: int | float | None = None
        greatest: int | float | None = None
        if bits:
            unsigned = self.plain_type.startswith("U")
            least, greatest = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        if self.on_violation != "keep" and not isinstance(self.minimum, datetime):
            least = max((each for each in (least, self.minimum) if each is not None), default=None)
        if self.on_violation != "keep" and not isinstance(self.maximum, datetime):
            greatest = min((each for each in (greatest, self.maximum) if each is not None), default=None)
        return least, greatest


@dataclass(frozen=True)
class Contract:
    """What is true of one source table in one version.

    Attributes:
        name: database and table.
        kind: `event` rows are only added; of `mutable` rows the newest version of a key counts; `frozen` tables come
            once and never change.
        ingested: SQL expression for the time of ingestion (empty for frozen tables).
        key: column that identifies a row of a mutable table.
        order, partition, engine: how ClickHouse sorts and keeps the rows. The order is of fields and expressions.
        delivered: SQL condition of the rows that upstream delivers, where stir writes into the table as well.
        streams: streams whose messages are its records.
        owner: who delivers the table.
        since: when the version began to apply.
    """

    name: str
    version: str
    kind: Kind
    key: str
    ingested: str
    fields: tuple[Field, ...]
    order: tuple[str, ...]
    partition: str
    streams: tuple[str, ...]
    owner: str
    since: datetime
    description: str
    engine: str = "MergeTree"
    delivered: str = ""

    def __hash__(self) -> int:
        # Caches are asked with a contract for each record, and hashing every field takes longer than a verdict.
        return hash((self.name, self.version))

    @property
    def database(self) -> str:
        return self.name.partition(".")[0]

    @property
    def table(self) -> str:
        return self.name.partition(".")[2]

    @property
    def major(self) -> int:
        """The version's first number: contracts of one major can replace each other."""
        return int(self.version.partition(".")[0])

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by name."""
        return {field.name: field for field in self.fields}

    def field(self, name: str) -> Field:
        """The field of this name.

        Raises:
            StirError: the contract has none.
        """
        if name not in self.by_name:
            raise StirError(f"{self.name} has no field {name!r}", where=f"contract {self.version}")
        return self.by_name[name]

    @cached_property
    def personal_fields(self) -> frozenset[str]:
        """Names of the fields whose values are never shown."""
        return frozenset(field.name for field in self.fields if field.personal)


def contract(name: str, version: str | None = None) -> Contract:
    """The contract of a source table, in its newest version or in the one that is asked for.

    Raises:
        StirError: there is no such contract or version (reason `schema_not_found`).
    """
    found = versions(name)
    if not found:
        raise StirError(f"schema_not_found: there is no contract {name!r}", do="`./stir contracts` lists them")
    if version is None:
        return found[-1]
    for each in found:
        if each.version == version:
            return each
    known = ", ".join(each.version for each in found)
    raise StirError(f"schema_not_found: {name} has no version {version!r}", do=f"its versions are {known}")


@cache
def contracts() -> tuple[Contract, ...]:
    """The newest version of every contract, by name."""
    names = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
    return tuple(found[-1] for name in names if (found := versions(name)))


@cache
def versions(name: str) -> tuple[Contract, ...]:
    """Every version of a contract, oldest first; none if there is no such contract."""
    if not re.fullmatch(r"\w+\.\w+", name):
        return ()
    paths = [path for path in (FOLDER / name).glob("*.yaml") if _VERSION.fullmatch(path.stem)]
    return tuple(sorted(map(read, paths), key=lambda each: tuple(map(int, each.version.split(".")))))


def read(path: Path) -> Contract:
    """The contract of a file.

    Raises:
        StirError: the file is no contract of the standard's form.
    """
    try:
        return _parse(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        first = str(error).splitlines()[0]
        raise StirError(f"the contract cannot be read: {type(error).__name__} {first}", where=str(path)) from error


def _parse(document: dict[str, Any]) -> Contract:
    (table,) = document["schema"]
    custom = _custom(table)
    fields = tuple(_field(each) for each in table["properties"])
    key = next((field.name for field in fields if field.key), "id")
    return Contract(
        name=document["name"],
        version=document["version"],
        kind=custom["kind"],
        key=key,
        ingested=custom.get("ingested", ""),
        fields=fields,
        order=tuple(custom["orderBy"]),
        partition=custom.get("partitionBy", ""),
        streams=tuple(custom.get("streams", ())),
        owner=document["team"]["name"],
        since=datetime.fromisoformat(document["contractCreatedTs"]),
        description=table["description"],
        engine=custom.get("engine", "MergeTree"),
        delivered=custom.get("delivered", ""),
    )


def _custom(element: dict[str, Any]) -> dict[str, Any]:
    return {each["property"]: each["value"] for each in element.get("customProperties", ())}


def _field(element: dict[str, Any]) -> Field:
    custom, options = _custom(element), element.get("logicalTypeOptions", {})
    logical = _LOGICAL[element["logicalType"]]
    if logical == "text" and options.get("format") == "json":
        logical = "json"
    words = [each["arguments"]["validValues"] for each in element.get("quality", ()) if "arguments" in each]
    moments = logical in ("moment", "day")
    minimum, maximum = (options.get(name) for name in ("minimum", "maximum"))
    return Field(
        name=element["name"],
        type=element["physicalType"],
        logical=logical,
        required=element.get("required", False),
        personal=element.get("classification") == "personal",
        minimum=datetime.fromisoformat(minimum) if moments and minimum else minimum,
        maximum=datetime.fromisoformat(maximum) if moments and maximum else maximum,
        max_bytes=options.get("maxLength"),
        pattern=options.get("pattern", ""),
        words=tuple(words[0]) if words else (),
        counters=tuple(custom.get("counters", ())),
        counters_unless=custom.get("countersUnlessSource", ""),
        not_after=custom.get("notAfter", ""),
        default=custom.get("default", ""),
        reason=custom.get("reason", ""),
        on_violation=custom.get("onViolation", "refuse"),
        description=element.get("description", ""),
        key=element.get("primaryKey", False),
    )
