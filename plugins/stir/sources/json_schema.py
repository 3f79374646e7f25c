"""The JSON Schema of a contract: what a producer sends. It says of a record all that its msgspec struct says."""

from __future__ import annotations

from typing import Any

from stir.sources.contract import Contract, Field

BLANK = "[\\u0000\\t\\n\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*"
"""Blanks and NUL bytes as staging takes them off a word that it would empty."""
NO_NUL = "^ *[^\\u0000 ][^\\u0000]*$"
"""A text of a key: some letter, and no NUL byte, which PostgreSQL does not take."""
GREATEST_FLOAT = 1.7976931348623157e308
MOMENT = "moment"
"""The format of a moment: RFC 3339, also with a blank instead of the T, and without an offset, which means UTC."""
_TYPES = {
    "text": ["string"],
    "integer": ["integer"],
    "number": ["number"],
    "boolean": ["boolean"],
    "moment": ["string"],
    "day": ["string"],
    "json": ["string", "object", "array"],
    "list": ["array"],
}


def is_enforced(field: Field) -> bool:
    """Whether what breaks a bound of the field is found here; of the others staging decides."""
    return field.on_violation != "keep"


def pattern(field: Field) -> str:
    """The regular expression that a text of the field matches, as JSON Schema writes it; empty if any text is taken."""
    if field.logical != "text" or not is_enforced(field):
        return ""
    if field.pattern:
        return field.pattern
    if field.words:
        words = "|".join(
            "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in word) for word in field.words
        )
        # Staging takes any blanks off a word that it would empty, and takes none at all for no word.
        return f"^ *({words}) *$" if field.on_violation == "refuse" else f"^{BLANK}({words})?{BLANK}$"
    return NO_NUL if field.max_bytes and field.required else ""


def json_schema(contract: Contract) -> dict[str, Any]:
    """The JSON Schema of a contract's records."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:stir:{contract.name}:{contract.version}",
        "title": f"{contract.name} {contract.version}",
        "description": contract.description,
        "type": "object",
        "properties": {field.name: _property(field) for field in contract.fields},
        "required": [field.name for field in contract.fields if field.required],
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Any]:
    types = _TYPES[field.logical] + ([] if field.required else ["null"])
    found: dict[str, Any] = {"type": types if len(types) > 1 else types[0], "description": field.description}
    if expected := pattern(field):
        found["pattern"] = expected
    if field.logical in ("integer", "number"):
        least, greatest = field.range
        found["minimum"] = -GREATEST_FLOAT if least is None else least
        found["maximum"] = GREATEST_FLOAT if greatest is None else greatest
    if field.logical == "moment":
        found["format"] = MOMENT
    if field.logical == "day":
        found["format"] = "date"
    if field.logical == "list":
        found["items"] = _items(field)
    return found


def _items(field: Field) -> dict[str, Any]:
    if "Tuple" not in field.type:
        return {"type": "string"}
    pair = [{"type": "string"}, {"type": "number", "minimum": -GREATEST_FLOAT, "maximum": GREATEST_FLOAT}]
    return {"type": "array", "prefixItems": pair, "minItems": 2, "maxItems": 2}
