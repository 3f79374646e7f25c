"""Reads the items of a JSON list one by one, so that a list may be larger than memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from stir.ingest.files.source import NoTableError

_CHUNK = 1 << 16
MOST_SIGNS = 1 << 26
"""Signs of the largest item: a longer one is a bracket or a quote that was never closed."""
_BLANKS = " \t\r\n"


def no_objects(path: Path) -> NoTableError:
    """The error about a file of JSON whose lines are no records, as an answer of an API that is printed over lines."""
    return NoTableError(
        "no line of the file is a JSON object, and the file is no list of objects",
        where=str(path),
        do="give one object on each line, or a list; `jq -c '.items[]' FILE` takes them out of an answer of an API",
    )


def first_sign(text: TextIO) -> str:
    """The first sign of a text that is no blank and no mark of its encoding; empty if there is none."""
    sign = text.read(1)
    while sign and sign in f"\ufeff{_BLANKS}":
        sign = text.read(1)
    return sign


def items(text: TextIO) -> Iterator[Any]:
    """The items of a list whose opening bracket was read already.

    Raises:
        ValueError: the text is no JSON, goes on after the list, or has an item of more than 64 million signs.
    """
    reader, number = _Reader(text), 0
    while (sign := reader.next_sign()) != "]":
        if not sign:
            raise ValueError("the list is not closed")
        if number:
            if sign != ",":
                raise ValueError(f"no comma follows item {number}")
            reader.at += 1
            reader.next_sign()
        number += 1
        try:
            item = reader.item()
        except json.JSONDecodeError as error:  # its place is one in the part that is held
            raise ValueError(f"item {number}: {error.msg}") from None
        yield item
    reader.at += 1
    if reader.next_sign():
        raise ValueError("something follows the list")


class _Reader:
    """A text of which only the part around the place of reading is kept."""

    def __init__(self, text: TextIO) -> None:
        self._text, self._decoder = text, json.JSONDecoder()
        self._held, self._is_whole = "", False
        self.at = 0

    def next_sign(self) -> str:
        """The next sign that is no blank, at which the place then stands; empty at the end."""
        while True:
            while self.at < len(self._held) and self._held[self.at] in _BLANKS:
                self.at += 1
            if self.at < len(self._held):
                return self._held[self.at]
            if not self._more(_CHUNK):
                return ""

    def item(self) -> Any:
        """The value that begins here."""
        wanted = _CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._held, self.at)
                if end < len(self._held) or self._is_whole:  # a number at the end may go on
                    self.at = end
                    return value
            except RecursionError:
                raise json.JSONDecodeError("it is nested too deep", "", 0) from None
            except ValueError:
                if self._is_whole:
                    raise
            if len(self._held) - self.at > MOST_SIGNS:
                raise json.JSONDecodeError(f"it has more than {MOST_SIGNS:,} signs", "", 0)
            # Each try reads the item from its beginning, so the parts double.
            self._more(wanted)
            wanted *= 2

    def _more(self, signs: int) -> bool:
        part = self._text.read(signs)
        self._held, self.at = self._held[self.at :] + part, 0
        self._is_whole = self._is_whole or not part
        return bool(part)
