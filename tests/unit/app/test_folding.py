"""Names folded for the search by likeness, and the questions that find them, without a database."""

from __future__ import annotations

from itertools import combinations

import pytest

from stir.app.folding import SHORT, as_tsquery, fold, grams_of, least_shared
from stir.authenticity.transliterate import transliterate
from stir.cli import letters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("José ÜNAL", "jose unal"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}B", "ab"),
        ("राहुल शर्मा", "rahul sharma"),
        ("मित्र", "mitra"),
        ("காவ்யா", "kavya"),
    ],
)
def test_a_text_is_folded_to_plain_latin_letters(text: str, expected: str) -> None:
    assert fold(text) == expected


@pytest.mark.parametrize("name", ["अनन्या", "काव्या", "விக்ரம்", "विक्रम", "गुप्ता", "అనిల్", "ਸਿੰਘ"])
def test_letter_by_letter_a_name_is_spelt_as_the_scorer_spells_it(name: str) -> None:
    assert fold(name) == transliterate(name)


def test_words_are_cut_into_different_trigrams() -> None:
    assert grams_of("ab_ab", None) == ["_ab", "ab_"]
    assert grams_of("a", "राम") == ["_a_", "_ra", "ram", "am_"]
    assert grams_of(None, "🙂") == []
    assert as_tsquery([]) == ""
    assert as_tsquery(["_a_"]) == "'_a_'"


@pytest.mark.parametrize("number", range(2, 60))
def test_whoever_has_enough_of_the_trigrams_has_a_pair_that_is_looked_for(number: int) -> None:
    """The worst case holds its trigrams as far apart as possible."""
    least = least_shared(["g"] * number)
    looked_for = as_tsquery([f"g{place}" for place in range(number)])
    if least == 1:
        return
    step = max(1, (number - 1) // (least - 1))
    apart = [place * step for place in range(least)]
    pairs = [(a, b) for a, b in combinations(apart, 2) if f"('g{a}' & 'g{b}')" in looked_for]
    assert pairs, (number, least, apart)
    assert number > SHORT or looked_for.count("|") == number * (number - 1) // 2 - 1


def test_the_letters_in_the_macro_and_the_application_are_those_of_the_scorer() -> None:
    assert letters.MACRO.read_text(encoding="utf-8") == letters.render_macro()
    assert letters.FILE.read_text(encoding="utf-8") == letters.render_json()
