"""How a handle resembles the name beside it, read kindly: what cannot be judged speaks against nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.names import HANDLES, NameTables
from stir.authenticity.normalise import Texts, look_alikes_as_latin, name_letters
from stir.authenticity.scripts import LATIN, NONE, family_of
from stir.authenticity.similarity import FLOOR, similarity

SEVERAL_SPELLINGS = {"Han", "Hangul", "Arabic", "Hebrew"}
"""Scripts that are read or spelt in several ways or leave vowels out: a handle that differs from ours says nothing."""
LIKE_ENOUGH = 0.85
"""The likeness that such a name is given: that of a real follower whose name we can read."""
_SKELETON = str.maketrans("", "", "aeiouy")

Floats = NDArray[np.float64]


def likeness(texts: Texts, alike: Floats, scripts: Sequence[str]) -> list[float | None]:
    """Likeness of 0 to 1 read kindly; None where it cannot be judged.

    The best of: as it is, with look-alikes read as Latin, and without vowels, which some scripts do not write.
    """
    found: list[float | None] = (alike / 100).tolist()
    again: dict[int, str] = {}
    bare: dict[int, tuple[str, str]] = {}
    for place, script in enumerate(scripts):
        handle, name = texts.handle_letters[place], texts.name_letters[place]
        if script != LATIN and len(handle) >= FLOOR and name:
            latin = name_letters(look_alikes_as_latin(texts.latin[place]))
            if latin != name:
                again[place] = latin
            bare[place] = handle.translate(_SKELETON), latin.translate(_SKELETON)
    for places, scores in (
        (again, similarity([texts.handle_letters[place] for place in again], list(again.values()))),
        (bare, similarity([pair[0] for pair in bare.values()], [pair[1] for pair in bare.values()])),
    ):
        for place, score in zip(places, scores.tolist(), strict=True):
            found[place] = max(found[place] or 0.0, score / 100)
    for place, script in enumerate(scripts):
        value = found[place] or 0.0
        short = min(len(texts.handle_letters[place]), len(texts.name_letters[place].replace(" ", ""))) < FLOOR
        if script in SEVERAL_SPELLINGS:
            found[place] = max(value, LIKE_ENOUGH)
        elif (short and value < 1) or script == NONE:
            found[place] = None
    return found


def of_likeness(value: float | None) -> Iterator[float]:
    known = value is not None
    value = value or 0.0
    yield max(0.0, 0.75 - value) * known
    yield float(not known)


def of_words(handle: str, name: str, alike: float | None) -> tuple[float, float, float]:
    """Which words of the name the handle has. A name that we may read otherwise than its owner has all of them."""
    words = [word for word in name.split() if len(word) > 2]
    if alike is None or not words:
        return (0.0, 0.0, 0.3)
    there = [word for word in words if word in handle]
    if alike >= LIKE_ENOUGH and not there:
        return (0.0, 0.5, 0.3)
    besides = max(0, len(handle) - sum(map(len, there))) / max(1, len(handle))
    return (float(not there), float(len(there) == len(words)), besides)


def of_language(letters: str, script: str, tables: NameTables) -> float:
    """How much less a handle is like those of people whose name is in this script than like any handle."""
    table = HANDLES + family_of(script)
    if script == LATIN or len(letters) < FLOOR or not tables.has(table):
        return 0.0
    return min(3.0, max(-1.0, tables.ratio(letters, HANDLES) - tables.ratio(letters, table)))
