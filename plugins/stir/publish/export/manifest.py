"""The manifest of an export. It is written last, so its existence proves that every part exists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stir.errors import StirError


@dataclass(frozen=True)
class Part:
    """One object: a slice of the rows; of one month, where each month is loaded into a table of its own."""

    number: int
    key: str
    rows: int
    size: int
    month: str = ""


@dataclass(frozen=True)
class Manifest:
    """What an export wrote. `checksum` is that of the snapshot, `columns` are names in the order of the objects."""

    run_id: str
    table: str
    columns: tuple[str, ...]
    rows: int
    checksum: str
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for part in self.parts)

    def check(self, *, rows: int, checksum: str, columns: Sequence[str]) -> None:
        """Hold the manifest against the snapshot.

        Raises:
            StirError: a part is missing or listed twice, or the rows do not add up.
        """
        numbers = sorted(part.number for part in self.parts)
        if numbers != list(range(len(self.parts))) or len({part.key for part in self.parts}) != len(self.parts):
            raise _broken(f"its parts are {numbers}: one is missing or listed twice")
        if (total := sum(part.rows for part in self.parts)) != self.rows or self.rows != rows:
            raise _broken(f"its parts hold {total:,} rows, it promises {self.rows:,}, the snapshot has {rows:,}")
        if self.checksum != checksum or self.columns != tuple(columns):
            raise _broken("it describes another content")

    def to_bytes(self) -> bytes:
        """The object's bytes."""
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def from_bytes(cls, content: bytes, digest: str) -> Manifest:
        """The manifest in an object, which must have the given SHA-256.

        Raises:
            StirError: the object is not the one that was written.
        """
        if sha256(content) != digest:
            raise _broken("its bytes are not those that the export wrote")
        values: dict[str, Any] = json.loads(content)
        parts = tuple(Part(**part) for part in values.pop("parts"))
        return cls(**{**values, "columns": tuple(values["columns"]), "parts": parts})


def sha256(content: bytes) -> str:
    """Digest that travels from export to load."""
    return hashlib.sha256(content).hexdigest()


def _broken(what: str) -> StirError:
    return StirError(f"the manifest is not usable: {what}", do="publish again; readers keep what they have")
