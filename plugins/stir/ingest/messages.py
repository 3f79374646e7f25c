"""The records of a message's body: one JSON object, an array of them, or one on each line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import msgspec

NDJSON = "application/x-ndjson"
_BLANKS = " \t\r\n"


def records(body: bytes, content_type: str = "") -> list[bytes]:
    """Each record of the body as its own bytes. A body that cannot be taken apart is one record, for the checker to
    refuse; lines without anything on them are none.
    """
    if "ndjson" in content_type or "jsonl" in content_type or _is_lines(body):
        return [line for line in body.split(b"\n") if line.strip()]
    if not body.lstrip().startswith(b"["):
        return [body]
    try:
        return [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    try:
        # msgspec refuses an array for one NaN in it; one bad record must not take the others along.
        return list(_elements(body.decode("utf-8")))
    except (ValueError, RecursionError):
        return [body]


def numbered_lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that hold a record, each with its number in the body."""
    return ((number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip())


def joined(bodies: Iterable[bytes]) -> bytes:
    """A body of lines that holds these records."""
    return b"\n".join(body.replace(b"\r", b" ").replace(b"\n", b" ") for body in bodies)


def _is_lines(body: bytes) -> bool:
    """Whether the first line is a whole object and more follows."""
    first, _, rest = body.strip().partition(b"\n")
    if not rest or not first.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _elements(text: str) -> Iterator[bytes]:
    decoder = json.JSONDecoder()
    at = _skip(text, text.index("[") + 1)
    while text[at : at + 1] != "]":
        _, end = decoder.raw_decode(text, at)
        yield text[at:end].encode()
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise ValueError("neither a comma nor the end of the array follows")
    if text[at + 1 :].strip():
        raise ValueError("something follows the array")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at
