"""What the original system concludes from a name and a handle (version 1), and a fairer version of it (version 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import regex
from numpy.typing import NDArray

from stir.authenticity.normalise import Texts
from stir.authenticity.samples import Sample
from stir.authenticity.similarity import FLOOR

V1, V2 = 1, 2
REAL, WEAK, FAKE = 0.0, 0.33, 1.0
BROKEN, KEPT, CANNOT_SAY = 1, 0, 2
WEAK_SIMILARITY, SEPARATOR_SIMILARITY = 40, 80
MOST_DIGITS = 4
SEPARATORS = "_-."
_DIGITS = regex.compile(r"\d+")
_DAY_MONTH = r"(?:0?[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])"
_YEAR = r"(?:19[4-9]\d|20[01]\d)"
_BORN = regex.compile(rf"{_YEAR}|{_DAY_MONTH}{_YEAR}|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]


class Judged(Protocol):
    """What version 2 asks of the pairs that version 1 judged; see `scoring.Ruled`."""

    @property
    def texts(self) -> Texts: ...
    @property
    def foreign(self) -> Flags: ...
    @property
    def separator(self) -> Codes: ...
    @property
    def similarity(self) -> Floats: ...


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


def similarity_v2(similarity: Floats, handles: Sequence[str], names: Sequence[str]) -> Floats:
    """Likeness that may be judged by; NaN where handle or name has no letters or too few."""
    short = [min(len(handle), len(name)) < FLOOR for handle, name in zip(handles, names, strict=True)]
    return np.where(np.array(short, dtype=np.bool_) | (similarity == 0), np.nan, similarity)


def digits_v2(handle: str) -> int:
    """Digits of a folded handle without those of a year or of a date of birth."""
    return sum(len(run) for run in _DIGITS.findall(handle) if not _BORN.fullmatch(run))


def judge_v2(found: Judged, samples: Sequence[Sample]) -> Floats:
    """Version 2's verdicts: 0 real, 0.33 weak, 1 fake, NaN unknown.

    Args:
        found: what version 1 found.
        samples: the whole sample of each follower's creator, shape (n,).
    """
    texts = found.texts
    odd = found.foreign & ~np.array([sample.foreign_is_home for sample in samples], dtype=np.bool_)
    digits = np.array([digits_v2(each) for each in texts.handles], dtype=np.int64)
    likeness = similarity_v2(found.similarity, texts.handle_letters, texts.name_letters)
    return verdict_v2(odd, digits, found.separator, likeness)
