"""What a name and a handle show of a follower, as numbers. Counts of followers and posts are not among them.

Each feature belongs to one reason (`REASONS`), so that the weights of a verdict can be explained.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from stir.authenticity import normalise, scripts, similarity, transliterate
from stir.authenticity.handle_shape import Digits, of_digits, of_letters, of_template
from stir.authenticity.names import EVERYWHERE, NameTables
from stir.authenticity.normalise import Texts
from stir.authenticity.resemblance import likeness, of_language, of_likeness, of_words
from stir.authenticity.samples import Sample, identity, namesake_key
from stir.authenticity.scripts import HOME, LATIN, NONE, script_of

VERSION = 3
MADE_BY = {
    "features": VERSION,
    "normalise": normalise.VERSION,
    "scripts": scripts.VERSION,
    "similarity": similarity.VERSION,
    "transliterate": transliterate.VERSION,
}
"""Module to the version of what it makes. A model is of use with the versions that it was fitted with alone."""
REASONS = {
    "similarity": "how little the handle resembles the name",
    "digits": "digits of the handle",
    "template": "a handle as programs make them",
    "separators": "separators in the handle",
    "random_handle": "letters of the handle that form no word",
    "name": "letters of the name that are rare in names",
    "namesakes": "followers of the same creator with the same name",
    "script": "a script that neither the sample nor the country writes; or what makes scripts equal",
}
GROUPS = {
    **{
        each: (each,)
        for each in (
            *(LATIN, "Han", "Hangul", "Greek", "Cyrillic", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya"),
            *("Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala"),
        )
    },
    "Arabic": ("Arabic", "Hebrew"),
}
"""Scripts, and those together that leave vowels out, whose real followers are called equally often; see
`fairness.benefits`. All others are one more group, `OTHERS`."""
OTHERS = "other_scripts"
FEATURES: dict[str, str] = {
    "half_like": "similarity",
    "likeness_unknown": "similarity",
    "no_word_of_the_name": "similarity",
    "all_words_of_the_name": "similarity",
    "letters_besides_the_name": "similarity",
    "handle_of_another_language": "similarity",
    "any_digit": "digits",
    "three_digits": "digits",
    "four_digits": "digits",
    "five_digits_or_more": "digits",
    "more_than_five": "digits",
    "year": "digits",
    "user_and_number": "template",
    "letters_and_hex": "template",
    "separators": "separators",
    "no_handle_of_people": "random_handle",
    "consonant_run": "random_handle",
    "entropy": "random_handle",
    "unlikely_name": "name",
    "no_family_name": "name",
    "namesakes": "namesakes",
    "namesakes_part": "namesakes",
    "namesakes_over_chance": "namesakes",
    "namesakes_by_error": "namesakes",
    "namesakes_with_digits": "namesakes",
    "one_word_namesakes": "namesakes",
    "numbered_namesakes": "namesakes",
    "numbered_namesakes_part": "namesakes",
    "short_numbers_of_namesakes": "namesakes",
    "numbered_like_namesakes": "namesakes",
    "namesakes_by_size": "namesakes",
    "namesakes_part_by_size": "namesakes",
    "namesakes_over_chance_by_size": "namesakes",
    "size": "namesakes",
    "odd_script": "script",
    "three_digits_after_the_name": "digits",
    "letters_and_digits_besides_the_name": "similarity",
    "no_handle_of_people_and_unlike": "random_handle",
    "no_handle_of_people_and_consonants": "random_handle",
    "no_handle_of_people_squared": "random_handle",
    "letters_besides_the_name_squared": "similarity",
    "namesakes_over_chance_squared": "namesakes",
    "namesakes_part_squared": "namesakes",
    "numbered_namesakes_part_squared": "namesakes",
    **{f"names_in_{group}": "script" for group in (*GROUPS, OTHERS)},
}
"""Feature to its reason, in the order of the columns."""
PRODUCTS = (
    ("three_digits", "all_words_of_the_name"),
    ("letters_besides_the_name", "any_digit"),
    ("no_handle_of_people", "half_like"),
    ("no_handle_of_people", "consonant_run"),
    ("no_handle_of_people", "no_handle_of_people"),
    ("letters_besides_the_name", "letters_besides_the_name"),
    ("namesakes_over_chance", "namesakes_over_chance"),
    ("namesakes_part", "namesakes_part"),
    ("numbered_namesakes_part", "numbered_namesakes_part"),
)
"""Features that mean something else together: their products follow the others in this order."""
SINGLE = list(FEATURES).index("three_digits_after_the_name")
FIRST_GROUP = len(FEATURES) - len(GROUPS) - 1
"""The columns from here on say in which of `GROUPS` the script of a name is. Their weights are not fitted to labels:
`fairness.benefits` sets them, and they only ever speak for a follower."""

OTHER_NAME = (0.3, 0.2)
"""Of a name in another script, whose spelling in Latin letters is ours: that of a mean Latin name."""
USUAL_SIZE = 300
USUAL_SHORT = 0.17
"""Part of the handles that have a number of three digits."""
_PLACES = {name: place for place, name in enumerate(FEATURES)}

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
    written = [script_of(each) for each in texts.symbolic]
    resemblances = likeness(texts, alike, written)
    rows = []
    for place, handle in enumerate(texts.handles):
        letters, name = texts.handle_letters[place], texts.name_letters[place]
        sample = samples[creator_ids[place]]
        digits = of_digits(handle)
        rows.append(
            [
                *of_likeness(resemblances[place]),
                *of_words(letters, name, resemblances[place]),
                of_language(letters, written[place], tables),
                *digits,
                *of_template(handle),
                float(min(3, sum(map(handle.count, "_-.")))),
                *of_letters(letters, tables),
                *(_of_name(name, tables, sample) if written[place] == LATIN else OTHER_NAME),
                *_of_namesakes(namesake_key(texts.latin[place]), letters, sample, digits),
                _oddness(written[place], sample),
            ]
        )
    single = np.array(rows, dtype=np.float64).reshape(len(rows), SINGLE)
    products = [single[:, _PLACES[a]] * single[:, _PLACES[b]] for a, b in PRODUCTS]
    groups = [np.isin(written, group) for group in GROUPS.values()]
    others = ~np.any([*groups, np.isin(written, NONE)], axis=0)
    return np.column_stack([single, *products, *groups, others]).astype(np.float64)


def _of_name(name: str, tables: NameTables, sample: Sample) -> Iterator[float]:
    words = [word for word in name.split() if len(word) > 1]
    ratios = [max(tables.ratio(word, sample.country), tables.ratio(word, EVERYWHERE)) for word in words]
    yield max(0.0, 1.5 - min(ratios)) if ratios else 0.0
    yield float(len(words) == 1)


def _of_namesakes(key: str, letters: str, sample: Sample, digits: Digits) -> Iterator[float]:
    """Namesakes in the sample against those that chance gives. Farms number the handles of theirs."""
    if not key:
        yield from (0.0,) * 14
        return
    others, chance = sample.namesakes(key)
    person = identity(key, letters)
    if person != key:
        again = sample.same_person(person)
        if _surprise(*again) > _surprise(others, chance):
            (others, chance), key = again, person
    part = max(0.0, others - chance) / (others + 1)
    lift = max(-1.0, math.log((others + 0.5) / (chance + 0.5)))
    yield math.log1p(others)
    yield part
    yield lift
    yield _surprise(others, chance)
    yield part * max(digits.three, digits.four)
    yield part * (" " not in key)
    numbered = sample.numbered[key] - int(digits.four)
    yield math.log1p(numbered)
    yield numbered / (others + 1)
    short = sample.short[key] - int(digits.three)
    yield max(-2.0, min(4.0, (short - USUAL_SHORT * others) / math.sqrt(USUAL_SHORT * others + 0.5)))
    yield math.log1p(numbered) * max(digits.three, digits.four)
    # Large samples have more namesakes by chance, and few members of a farm have one in a small sample.
    size = math.log(sample.size / USUAL_SIZE)
    yield math.log1p(others) * size
    yield part * size
    yield lift * size
    yield size


def _surprise(others: int, chance: float) -> float:
    """By how many of its standard errors a number is over chance."""
    return min(6.0, max(0.0, (others - chance) / math.sqrt(chance + 0.5)))


def _oddness(script: str, sample: Sample) -> float:
    """1 for a script that nobody else of the sample writes, 0 for one of a fifth of it. Latin is never odd."""
    if script in (LATIN, NONE) or script in HOME.get(sample.country or "", ()):
        return 0.0
    return max(0.0, 1 - 5 * sample.share_of(script))
