"""A list of names of one's own, as the original system had: a name's score is its likeness to the nearest of the list.

The trigram tables of `names` serve where there is no list. Words that the list has are found in a set; the others are
compared with all of it, each different word once, in blocks that keep the table of values small.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from stir.authenticity.normalise import clean_name

BLOCK = 256
"""Words compared at once: with 35,000 names, 36 MB of float32."""

Floats = NDArray[np.float64]


class NameList:
    """Names to compare with, of one word each; those of several words are taken apart.

    Args:
        names: as they were typed.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted({word for name in names for word in clean_name(name).split()})
        self._known = set(self.names)

    def scores(self, names: Sequence[str]) -> Floats:
        """The better score of the first and the last word of each name, 0 to 100; 0 without letters.

        Args:
            names: letters of names, as `normalise.name_letters` gives them.
        """
        ends = [(words[0], words[-1]) if (words := name.split()) else () for name in names]
        values = self._words({word for pair in ends for word in pair})
        return np.array([max((values[word] for word in pair), default=0.0) for pair in ends], dtype=np.float64)

    def _words(self, words: set[str]) -> dict[str, float]:
        """(2 ratio + token_sort_ratio + token_set_ratio) / 4 of each word and its nearest name."""
        found = dict.fromkeys(words & self._known, 100.0)
        rest = sorted(words - self._known)
        if not self.names:
            return found | dict.fromkeys(rest, 0.0)
        for start in range(0, len(rest), BLOCK):
            block = rest[start : start + BLOCK]
            nearest = process.cdist(block, self.names, scorer=fuzz.ratio, dtype=np.float32, workers=1).argmax(axis=1)
            for word, place in zip(block, nearest.tolist(), strict=True):
                found[word] = likeness(word, self.names[place])
        return found


def likeness(word: str, name: str) -> float:
    """The original's likeness of a word and a listed name."""
    both = fuzz.token_sort_ratio(word, name) + fuzz.token_set_ratio(word, name)
    return (2 * fuzz.ratio(word, name) + both) / 4
