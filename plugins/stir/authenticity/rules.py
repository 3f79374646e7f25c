"""What the original system concludes from a name and a handle (version 1), and a fairer version of it (version 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

V1, V2 = 1, 2
REAL, WEAK, FAKE = 0.0, 0.33, 1.0
BROKEN, KEPT, CANNOT_SAY = 1, 0, 2
WEAK_SIMILARITY, SEPARATOR_SIMILARITY = 40, 80
MOST_DIGITS = 4
SEPARATORS = "_-."

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]


def separator_rule(has_separator: Flags, words: NDArray[np.int64], similarity: Floats) -> Codes:
    """1 broken, 0 kept, 2 cannot say: a separator in the handle promises a name of several words, or a fitting one."""
    one_word_fits = similarity > SEPARATOR_SIMILARITY
    rule = np.where(~has_separator, CANNOT_SAY, np.where((words > 1) | one_word_fits, KEPT, BROKEN))
    return rule.astype(np.uint8)


def verdict_v1(foreign: Flags, digits: NDArray[np.int64], separator: Codes, similarity: Floats) -> Floats:
    """The original's verdict, in its order: script, digits, separator, weak name; 0 real, 0.33 weak, 1 fake."""
    weak = (similarity > 0) & (similarity <= WEAK_SIMILARITY)
    return np.select([foreign, digits > MOST_DIGITS, separator == BROKEN, weak], [FAKE, FAKE, FAKE, WEAK], default=REAL)


def verdict_v2(odd_script: Flags, digits: NDArray[np.int64], separator: Codes, similarity: Floats) -> Floats:
    """Version 1 with what it wrongs put right; NaN where nothing can be said.

    Args:
        odd_script: a foreign script that is not the sample's own; alone it is a weak sign, no verdict.
        digits: digits of the handle without those of a year or a birth date.
        separator: as in version 1.
        similarity: NaN where it is unknown: no letters, or too few of them.
    """
    weak = odd_script | (similarity <= WEAK_SIMILARITY)
    unknown = np.isnan(similarity)
    found = np.select([digits > MOST_DIGITS, (separator == BROKEN) & ~unknown, weak], [FAKE, FAKE, WEAK], default=REAL)
    found[unknown & (found == REAL)] = np.nan
    return found
