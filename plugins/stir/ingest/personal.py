"""Hides what is personal in a record, for lists and pages."""

from __future__ import annotations

from typing import Any

from stir.ingest.replay import body_values, plan_of, table_of
from stir.sources.contract import contract

HIDDEN = "•••"
_NAMES = {"handle", "channel", "description"}
"""What the short ways take of persons."""


def without_personal(stream: str, body: bytes, known: tuple[str, dict[str, Any]] | None) -> Any:
    """The values of a body, hidden unless they are known to be about no person; of an unreadable body only its size.

    A column or a member that no contract knows is hidden too: nobody has said what it holds.

    Args:
        known: target and options of the load that read the body, if a load did.
    """
    values = body_values(body, known[1] if known else None)
    if values is None:
        return f"{len(body):,} bytes that are no record (--reveal shows them)"
    shown = _impersonal(stream, values, known)
    return {name: value if name in shown or value in (None, "") else HIDDEN for name, value in values.items()}


def _impersonal(stream: str, values: dict[str, Any], known: tuple[str, dict[str, Any]] | None) -> set[str]:
    if known is None:
        found = contract(table_of(stream))
        return {field.name for field in found.fields} - set(found.personal_fields) | {"_schema", "_schema_version"}
    target, context = known
    ours = _NAMES if target in ("channels", "posts") else set(contract(target).personal_fields)
    mapping = plan_of(target, context, values).mapping
    theirs = {their for our, their in mapping.items() if our in ours}
    return set(mapping.values()) - theirs
