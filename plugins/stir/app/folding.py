"""Names as the search by likeness compares them: folded to lower-case Latin letters, then cut into trigrams.

mart_creator does the same to every handle and name (macro list_search_grams); a test holds the two against each other.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import combinations

import regex

SEARCHED = 60
"""Characters of a handle or a name that are published for the search."""
LEAST = 0.4
"""The share of a question's trigrams that a name has at least. A wrong letter takes three of them, two changed places
four, and a word of six letters has six."""
SHORT = 10
"""Trigrams of a question up to which any two of them are looked for."""
_SILENT, _SPOKEN, _SIGN, _VIRAMA = "\x01", "\x04", "\x02", "\x03"
"""The marks in letters.json: what becomes of a consonant's "a" (stir/authenticity/transliterate.py)."""
_STEPS = (
    (f"[{_SILENT}{_SPOKEN}]{_SIGN}", ""),
    (f"[{_SILENT}{_SPOKEN}]{_VIRAMA}", _VIRAMA),
    # After another consonant the last "a" is spoken: Mitra, Gupta.
    (f"{_VIRAMA}([a-z]+){_SILENT}", r"\1a"),
    (f"{_SILENT}([^a-z]|$)", r"\1"),
    (f"[{_SILENT}{_SPOKEN}]", "a"),
    (f"[{_SIGN}{_VIRAMA}]", ""),
)
_WORDS = regex.compile(r"[\p{L}\p{N}]+")
_ACCENTS = regex.compile(r"\p{Mn}+")


@cache
def _letters() -> dict[int, str]:
    text = resources.files("stir.app").joinpath("letters.json").read_text(encoding="utf-8")
    known: dict[str, str] = json.loads(text)
    return {ord(letter): latin for letter, latin in known.items()}


def fold(text: str) -> str:
    """A text in lower case, Indic scripts in Latin letters, without accents."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_letters())
    for pattern, replacement in _STEPS:
        folded = regex.sub(pattern, replacement, folded)
    return str(_ACCENTS.sub("", unicodedata.normalize("NFD", folded)))


def grams_of(*texts: str | None) -> list[str]:
    """The different trigrams of the words of texts, in their order; each word stands between two underscores."""
    words = _WORDS.findall(fold(" ".join((text or "")[:SEARCHED] for text in texts)))
    padded = [f"_{word}_" for word in words]
    return list(dict.fromkeys(word[start : start + 3] for word in padded for start in range(len(word) - 2)))


def least_shared(grams: Sequence[str]) -> int:
    """How many of a question's trigrams a name must have to be like it."""
    return max(1, -int(-LEAST * len(grams) // 1))


def as_tsquery(grams: Sequence[str]) -> str:
    """The question whose answers an index finds: names that have two of the trigrams.

    Of a short question any two, for a wrong letter in the middle leaves its ends alone. Of a longer one two that are
    neighbours, or next but one: whoever has two in five of its trigrams has such a pair. Without a trigram nobody is
    found.
    """
    if len(grams) == 1:
        return _quoted(grams[0])
    short = len(grams) <= SHORT
    pairs = [(a, b) for a, b in combinations(range(len(grams)), 2) if short or b - a <= 2]
    return " | ".join(f"({_quoted(grams[a])} & {_quoted(grams[b])})" for a, b in pairs)


def _quoted(gram: str) -> str:
    return "'" + gram + "'"
