"""The msgspec struct of a contract: says fast whether a record is taken as it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import msgspec

from stir.sources.contract import Contract, Field
from stir.sources.json_schema import GREATEST_FLOAT, pattern


def struct(contract: Contract) -> type[msgspec.Struct]:
    """A struct that takes exactly the records that the contract's JSON Schema takes, in the order of the columns."""
    names = {f"f{place}": field.name for place, field in enumerate(contract.fields)}
    # Required fields come first in a struct's arguments, but all are given by name.
    members = [
        (attribute, _type(field)) if field.required else (attribute, _type(field) | None, None)
        for attribute, field in zip(names, contract.fields, strict=True)
    ]
    return msgspec.defstruct(
        f"Record of {contract.name}", members, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False
    )


def _type(field: Field) -> Any:
    if field.logical == "text":
        expected = pattern(field)
        if expected.endswith("$"):  # Python's also matches before a last line feed
            expected = expected[:-1] + "\\Z"
        return Annotated[str, msgspec.Meta(pattern=expected)] if expected else str
    if field.logical == "integer":
        least, greatest = field.range
        return Annotated[int, msgspec.Meta(ge=least, le=greatest)]
    if field.logical == "number":
        least, greatest = field.range
        return Annotated[
            float,
            msgspec.Meta(
                ge=-GREATEST_FLOAT if least is None else least, le=GREATEST_FLOAT if greatest is None else greatest
            ),
        ]
    if field.logical == "json":
        return str | dict | list
    if field.logical == "list":
        return list[tuple[str, _finite()]] if "Tuple" in field.type else list[str]  # type: ignore[misc]
    return {"boolean": bool, "moment": datetime, "day": date}[field.logical]


def _finite() -> Any:
    return Annotated[float, msgspec.Meta(ge=-GREATEST_FLOAT, le=GREATEST_FLOAT)]
