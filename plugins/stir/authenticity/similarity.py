"""How alike a handle and a name are, 0 to 100: the original system's ensemble, in batches.

For each order of the words of the name: (2 partial_ratio + token_sort_ratio + token_set_ratio) / 4; the greatest
counts. The last two do not depend on the order, so the greatest of the first is enough, to the last bit: the sum
grows with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

VERSION = 2
MOST_WORDS = 4
"""Names of more words are compared in their own order alone."""
FLOOR = 4
"""Fewest letters of handle and of name that a likeness may be judged by: "li" is part of most handles."""

LONGEST = 300
"""Most letters of handle and of name that are compared. Networks allow about a tenth of it; the time of a comparison
grows with the product of both lengths, so one row of ten thousand letters would take longer than 100,000 usual ones."""

Floats = NDArray[np.float64]


def similarity(handles: Sequence[str], names: Sequence[str]) -> Floats:
    """Likeness of each pair of letters; 0, which means unknown, where either has none.

    Args:
        handles: letters of handles, as `normalise.handle_letters` gives them; shape (n,).
        names: letters of names, as `normalise.name_letters` gives them; shape (n,).
    """
    found = np.zeros(len(handles))
    known = [place for place in range(len(handles)) if handles[place] and names[place]]
    if not known:
        return found
    left = [handles[place][:LONGEST] for place in known]
    right = [names[place][:LONGEST].rstrip() for place in known]
    partial = _scored(fuzz.partial_ratio, left, right)
    _try_orders(partial, left, right)
    both = 2 * partial + _scored(fuzz.token_sort_ratio, left, right) + _scored(fuzz.token_set_ratio, left, right)
    found[known] = both / 4
    return found


def _try_orders(partial: Floats, handles: list[str], names: list[str]) -> None:
    """Raise each value to that of the best order of words. Those at 100 have it already."""
    left: list[str] = []
    right: list[str] = []
    owners: list[int] = []
    for place in np.flatnonzero(partial < 100).tolist():
        words = names[place].split()
        if 1 < len(words) <= MOST_WORDS:
            orders = [" ".join(order) for order in permutations(words)][1:]
            if len(set(words)) < len(words):
                orders = list(set(orders))
            left += [handles[place]] * len(orders)
            right += orders
            owners += [place] * len(orders)
    if owners:
        np.maximum.at(partial, owners, _scored(fuzz.partial_ratio, left, right))


def _scored(scorer: Callable[..., float], left: list[str], right: list[str]) -> Floats:
    values: Floats = process.cpdist(left, right, scorer=scorer, dtype=np.float64, workers=1)
    return values
