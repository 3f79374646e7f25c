"""JSON documents inside a record: their text, their counters, and whether staging can read them.

The rules are those of macros/text/rebuild_json.sql and macros/counts/count_in.sql.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

GREATEST_COUNT = 9_000_000_000_000_000
"""Beyond it a JSON number is no longer exact (macros/counts/greatest_count.sql)."""
DEPTH = 64
"""Staging cuts off what is nested deeper."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)
_BEGIN = re.compile("(\ufeff)?\\s*[{\\[]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_OPENING, _CLOSING = ("{", "["), ("}", "]")
_encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode


def text_of(document: Any) -> str:
    """The text of a document as it goes into the column; a text is one already.

    Raises:
        ValueError: it holds NaN or an infinite number, or is nested too deep.
        TypeError: it holds what is no JSON.
    """
    if isinstance(document, str):
        return document
    try:
        return _encode(document)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def salvaged(value: Any, path: str, notes: list[tuple[str, str]]) -> Any:
    """The document without what JSON cannot say: such a number becomes text, as staging mends it.

    What was found is added to the notes as reason and path. A text that is no Unicode stays, and is written escaped.
    """
    if isinstance(value, float) and not math.isfinite(value):
        notes.append(("impossible_number", path))
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if isinstance(value, str) and not is_unicode(value):
        notes.append(("not_utf8", path))
    if isinstance(value, Mapping):
        found = {}
        for name, each in value.items():
            if not is_unicode(str(name)):
                notes.append(("not_utf8", path))
            found[name] = salvaged(each, f"{path}.{name}", notes)
        return found
    if isinstance(value, list | tuple):
        return [salvaged(each, f"{path}[{place}]", notes) for place, each in enumerate(value)]
    return value


def is_unicode(text: str) -> bool:
    """Whether the text can be written as UTF-8: it holds no half of a pair of surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def escaped(document: Any) -> str:
    """The text of a document in ASCII, where what is no Unicode stands as an escape.

    Raises:
        ValueError: it is nested too deep, or holds an infinite number or none.
        TypeError: it holds what is no JSON.
    """
    try:
        return json.dumps(document, allow_nan=False, separators=(",", ":"))
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def parse(text: str) -> Any:
    """The document of a text, as strictly as ClickHouse reads it.

    Raises:
        ValueError: the text is no JSON.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_float, parse_int=_integer)
        if "\\u" in text:
            _encode(value).encode()  # half of a pair of surrogates is no character
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return value


def mended(text: str) -> str:
    """The text without what no parser reads, as staging mends it; empty if it cannot be mended."""
    if not _BEGIN.match(text):
        return ""
    parts = _TOKEN.findall(text.replace("\ufeff", "", 1))
    kept, opened = [], 0
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        opened += (part in _OPENING) - (part in _CLOSING)
        if opened + (part in _CLOSING) > DEPTH or (part == "," and following in _CLOSING):
            continue
        kept.append(_mended_part(part))
    return "".join(kept)


def readable(text: str) -> Any:
    """The document as staging reads it, mended where it must be.

    Raises:
        ValueError: it cannot be mended.
    """
    try:
        return parse(text)
    except ValueError:
        return parse(mended(text))


def has_count(document: Any, names: Iterable[str]) -> bool:
    """Whether one of the document's members with these names is a count."""
    return isinstance(document, Mapping) and any(is_count(document[name]) for name in names if name in document)


def is_count(value: Any) -> bool:
    """Whether staging takes the member for a count: a whole number from 0 to 9·10^15, however it is written."""
    if isinstance(value, str):
        value = number_in(value.strip(" "))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return bool(0 <= value <= GREATEST_COUNT and value == int(value))


def number_in(text: str) -> int | float | None:
    """The number that a text holds, None if it holds none."""
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return int(text)
    except ValueError:
        return float(text)


def depth(value: Any) -> int:
    """How deep a document is nested."""
    deepest, level = 0, [value]
    while level := [
        inner
        for each in level
        if isinstance(each, Mapping | list | tuple)
        for inner in (each.values() if isinstance(each, Mapping) else each)
    ]:
        deepest += 1
    return deepest + 1 if isinstance(value, Mapping | list | tuple) else 0


def _mended_part(part: str) -> str:
    if part in (*_OPENING, *_CLOSING, ",", ":") or _is_json(f"[{part}]"):
        return part
    return '""' if part.startswith('"') or not _is_json(f'["{part}"]') else f'"{part}"'


def _is_json(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError("a number is too great")
    return value


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= (value := int(digits)) < 2**64:
        raise ValueError("a number is too great")
    return value
