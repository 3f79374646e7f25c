"""What a handle shows by itself: numbers, templates of programs, letters that make no word."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import regex

from stir.authenticity.names import HANDLES, NameTables
from stir.authenticity.samples import is_year
from stir.authenticity.similarity import FLOOR

_VOWELS = set("aeiouy")
_RUNS = regex.compile(r"\d+")
_HEX = set("0123456789abcdef")


class Digits(NamedTuple):
    """The longest run of digits of a handle, 0 or 1 but for `beyond_five`; a year of birth is none of four."""

    some: float
    three: float
    four: float
    five: float
    beyond_five: float
    year: float


def of_digits(handle: str) -> Digits:
    """The digits of a folded handle."""
    runs = _RUNS.findall(handle)
    longest = max(map(len, runs), default=0)
    year = any(map(is_year, runs))
    return Digits(
        float(longest > 0),
        float(longest == 3),
        float(longest == 4 and not year),
        float(longest >= 5),
        float(min(max(0, longest - 5), 5)),
        float(year),
    )


def of_template(handle: str) -> Iterator[float]:
    """ "user" and a number; a few letters, a separator and hexadecimal digits."""
    yield float(handle.startswith("user") and handle[4:].isdecimal() and len(handle) >= 9)
    _, _, tail = handle.partition("_")
    yield float(len(tail) >= 6 and set(tail) <= _HEX and any(map(str.isdecimal, tail)))


def of_letters(letters: str, tables: NameTables) -> Iterator[float]:
    """How unlike other handles the letters are, the longest run of consonants, and bits per letter."""
    if len(letters) < FLOOR:
        yield from (0.0, 2.0, 2.5)
        return
    yield max(0.0, 2.0 - tables.ratio(letters, HANDLES))
    runs = [len(list(run)) for is_vowel, run in groupby(letters, _VOWELS.__contains__) if not is_vowel]
    yield float(min(6, max(runs, default=0)))
    yield entropy(letters)


def entropy(letters: str) -> float:
    """Bits per letter."""
    size = len(letters)
    return -sum(count / size * math.log2(count / size) for count in Counter(letters).values())
