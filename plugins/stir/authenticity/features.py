"""What a name and a handle show of a follower, as numbers. Counts of followers and posts are not among them.

Each feature belongs to one reason (`REASONS`), so that the weights of a verdict can be explained.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np
import regex
from numpy.typing import NDArray

from stir.authenticity.names import EVERYWHERE, NameTables
from stir.authenticity.normalise import Texts, look_alikes_as_latin, name_letters
from stir.authenticity.samples import Sample, is_year, namesake_key
from stir.authenticity.scripts import HOME, LATIN, NONE, script_of
from stir.authenticity.similarity import FLOOR, similarity

VERSION = 1
REASONS = {
    "similarity": "how little the handle resembles the name",
    "digits": "digits of the handle",
    "template": "a handle as programs make them",
    "separators": "separators in the handle",
    "random_handle": "letters of the handle that form no word",
    "name": "letters of the name that are rare in names",
    "namesakes": "followers of the same creator with the same name",
    "script": "a script that neither the sample nor the country writes",
}
FEATURES: dict[str, str] = {
    "unlike": "similarity",
    "half_like": "similarity",
    "like": "similarity",
    "likeness_unknown": "similarity",
    "no_word_of_the_name": "similarity",
    "all_words_of_the_name": "similarity",
    "letters_besides_the_name": "similarity",
    "any_digit": "digits",
    "three_digits": "digits",
    "four_digits": "digits",
    "five_digits_or_more": "digits",
    "more_than_five": "digits",
    "year": "digits",
    "user_and_number": "template",
    "letters_and_hex": "template",
    "separators": "separators",
    "unlikely_handle": "random_handle",
    "very_unlikely_handle": "random_handle",
    "consonant_run": "random_handle",
    "vowels": "random_handle",
    "entropy": "random_handle",
    "unlikely_name": "name",
    "no_family_name": "name",
    "namesakes": "namesakes",
    "namesakes_part": "namesakes",
    "namesakes_over_chance": "namesakes",
    "namesakes_with_digits": "namesakes",
    "one_word_namesakes": "namesakes",
    "numbered_namesakes": "namesakes",
    "numbered_namesakes_part": "namesakes",
    "namesakes_by_size": "namesakes",
    "namesakes_part_by_size": "namesakes",
    "namesakes_over_chance_by_size": "namesakes",
    "size": "namesakes",
    "odd_script": "script",
}
"""Feature to its reason, in the order of the columns."""

SEVERAL_SPELLINGS = {"Han", "Hangul", "Arabic", "Hebrew"}
"""Scripts that are read or spelt in several ways or leave vowels out: a handle that differs from ours says nothing."""
LIKE_ENOUGH = 0.85
"""The likeness that such a name is given: that of a real follower whose name we can read."""
OTHER_NAME = (0.3, 0.2)
"""Of a name in another script, whose spelling in Latin letters is ours: that of a mean Latin name."""
USUAL_SIZE = 300
_SKELETON = str.maketrans("", "", "aeiouy")
_VOWELS = set("aeiouy")
_RUNS = regex.compile(r"\d+")
_HEX = set("0123456789abcdef")

Floats = NDArray[np.float64]


def features(
    texts: Texts,
    alike: Floats,
    creator_ids: Sequence[str],
    samples: Mapping[str, Sample],
    tables: NameTables,
) -> Floats:
    """The features of each follower, shape (n, len(FEATURES)).

    Args:
        texts: cleaned handles and names.
        alike: `similarity` of their letters.
        creator_ids: whose sample each follower is in.
        samples: the whole sample of every creator.
        tables: likelihood of names by country.
    """
    scripts = [script_of(each) for each in texts.symbolic]
    likeness = _likeness(texts, alike, scripts)
    rows = []
    for place, handle in enumerate(texts.handles):
        letters, name = texts.handle_letters[place], texts.name_letters[place]
        sample = samples[creator_ids[place]]
        digits = _of_digits(handle)
        rows.append(
            [
                *_of_likeness(likeness[place]),
                *_of_words(letters, name, likeness[place]),
                *digits,
                *_of_template(handle),
                float(min(3, sum(map(handle.count, "_-.")))),
                *_of_letters(letters, tables),
                *(_of_name(name, tables, sample) if scripts[place] == LATIN else OTHER_NAME),
                *_of_namesakes(texts.latin[place], sample, digits),
                _oddness(scripts[place], sample),
            ]
        )
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))


def _likeness(texts: Texts, alike: Floats, scripts: Sequence[str]) -> list[float | None]:
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


def _of_likeness(value: float | None) -> Iterator[float]:
    known = value is not None
    value = value or 0.0
    yield max(0.0, 0.5 - value) * known
    yield max(0.0, 0.75 - value) * known
    yield max(0.0, value - 0.75) * known
    yield float(not known)


def _of_words(handle: str, name: str, likeness: float | None) -> tuple[float, float, float]:
    """Which words of the name the handle has. A name that we may read otherwise than its owner has all of them."""
    words = [word for word in name.split() if len(word) > 2]
    if likeness is None or not words:
        return (0.0, 0.0, 0.3)
    there = [word for word in words if word in handle]
    if likeness >= LIKE_ENOUGH and not there:
        return (0.0, 0.5, 0.3)
    besides = max(0, len(handle) - sum(map(len, there))) / max(1, len(handle))
    return (float(not there), float(len(there) == len(words)), besides)


def _of_digits(handle: str) -> tuple[float, ...]:
    """By the longest run of digits; a year of birth is none of four."""
    runs = _RUNS.findall(handle)
    longest = max(map(len, runs), default=0)
    year = any(map(is_year, runs))
    return (
        float(longest > 0),
        float(longest == 3),
        float(longest == 4 and not year),
        float(longest >= 5),
        float(min(max(0, longest - 5), 5)),
        float(year),
    )


def _of_template(handle: str) -> Iterator[float]:
    """ "user" and a number; a few letters, a separator and hexadecimal digits."""
    yield float(handle.startswith("user") and handle[4:].isdecimal() and len(handle) >= 9)
    _, _, tail = handle.partition("_")
    yield float(len(tail) >= 6 and set(tail) <= _HEX and any(map(str.isdecimal, tail)))


def _of_letters(letters: str, tables: NameTables) -> Iterator[float]:
    """A handle whose letters no name has."""
    if len(letters) < FLOOR:
        yield from (0.0, 0.0, 2.0, 0.4, 2.5)
        return
    ratio = tables.ratio(letters, EVERYWHERE)
    yield max(0.0, 1.2 - ratio)
    yield max(0.0, 0.2 - ratio)
    runs = [len(list(run)) for is_vowel, run in groupby(letters, _VOWELS.__contains__) if not is_vowel]
    yield float(min(6, max(runs, default=0)))
    yield sum(map(_VOWELS.__contains__, letters)) / len(letters)
    yield entropy(letters)


def entropy(letters: str) -> float:
    """Bits per letter."""
    size = len(letters)
    return -sum(count / size * math.log2(count / size) for count in Counter(letters).values())


def _of_name(name: str, tables: NameTables, sample: Sample) -> Iterator[float]:
    words = [word for word in name.split() if len(word) > 1]
    ratios = [max(tables.ratio(word, sample.country), tables.ratio(word, EVERYWHERE)) for word in words]
    yield max(0.0, 1.5 - min(ratios)) if ratios else 0.0
    yield float(len(words) == 1)


def _of_namesakes(latin: str, sample: Sample, digits: tuple[float, ...]) -> Iterator[float]:
    """Namesakes in the sample against those that chance gives. Farms number the handles of theirs."""
    key = namesake_key(latin)
    if not key:
        yield from (0.0,) * 11
        return
    others, chance = sample.namesakes(key)
    part = max(0.0, others - chance) / (others + 1)
    lift = max(-1.0, math.log((others + 0.5) / (chance + 0.5)))
    yield math.log1p(others)
    yield part
    yield lift
    yield part * max(digits[1], digits[2])
    yield part * (" " not in key)
    numbered = sample.numbered[key] - int(digits[2])
    yield math.log1p(numbered)
    yield numbered / (others + 1)
    # Large samples have more namesakes by chance, and few members of a farm have one in a small sample.
    size = math.log(sample.size / USUAL_SIZE)
    yield math.log1p(others) * size
    yield part * size
    yield lift * size
    yield size


def _oddness(script: str, sample: Sample) -> float:
    """1 for a script that nobody else of the sample writes, 0 for one of a fifth of it. Latin is never odd."""
    if script in (LATIN, NONE) or script in HOME.get(sample.country or "", ()):
        return 0.0
    return max(0.0, 1 - 5 * sample.share_of(script))
