"""Hides what is personal in a record, for lists and pages."""

from __future__ import annotations

from typing import Any

from stir.ingest.replay import body_values, plan_of, table_of
from stir.sources.contract import contract

HIDDEN = "•••"
_NAMES = {"handle", "channel", "description"}
"""What the short ways take of persons."""


def without_personal(stream: str, body: bytes, known: tuple[str, dict[str, Any]] | None) -> Any:
    """The values of a body, personal ones hidden; of a body that cannot be read only its size.

    Args:
        known: target and options of the load that read the body, if a load did.
    """
    values = body_values(body, known[1] if known else None)
    if values is None:
        return f"{len(body):,} bytes that are no record (--reveal shows them)"
    personal = _personal(stream, values, known)
    return {name: HIDDEN if name in personal and value not in (None, "") else value for name, value in values.items()}


def _personal(stream: str, values: dict[str, Any], known: tuple[str, dict[str, Any]] | None) -> set[str]:
    if known is None:
        return set(contract(table_of(stream)).personal_fields)
    target, context = known
    ours = _NAMES if target in ("channels", "posts") else set(contract(target).personal_fields)
    mapping = plan_of(target, context, values).mapping
    return {theirs for our, theirs in mapping.items() if our in ours}
