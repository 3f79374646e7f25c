"""Rules of version 1 against the same rules written plainly."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stir.authenticity.scoring import judge

from . import plain
from .pairs import pairs

MADE, COMPARED = 5_000, 1_200
"""Of the 100,000 pairs, those that are judged, and those that fit into seconds; `./stir bench score` compares all."""
ANY_TEXT = st.text(st.characters(codec=None), max_size=24)
WORDS = [
    *("li", "anna", "a", "a", "Anna王", "प्रिया", "priya", "𝓟𝓻𝓲𝔂𝓪", "Ελένη", "ᴋᴀᴠʏᴀ", "½", "ﬁ", "ß", "İ", "ı", "😀"),
    *("\u0301", "\u200d", "\u202e", "①", "ﷺ"),
]
# Each text is drawn at once and then read as words: a draw for each word takes most of the time of the test.
PLACES = st.text(st.characters(max_codepoint=len(WORDS) - 1), max_size=6)
NAMES = st.one_of(
    ANY_TEXT,
    PLACES.map(lambda places: " ".join(WORDS[ord(each)] for each in places)),
    st.tuples(PLACES, ANY_TEXT).map(lambda drawn: " ".join([*(WORDS[ord(each)] for each in drawn[0]), drawn[1]])),
)
HANDLES = st.one_of(ANY_TEXT, st.text("@._-annalisePriyaXYZ0123456789", max_size=24))


def compare(handles: Sequence[str], names: Sequence[str]) -> None:
    found = judge(handles, names)
    for place, (handle, name) in enumerate(zip(handles, names, strict=True)):
        wanted = plain.judge(handle, name)
        assert found.texts.symbolic[place] == wanted.symbolic
        assert found.texts.handle_letters[place] == wanted.cleaned_handle
        assert found.texts.name_letters[place] == wanted.cleaned_name
        assert found.similarity[place] == wanted.similarity  # to the last bit
        assert found.foreign[place] == wanted.foreign
        assert found.digits[place] == wanted.digits
        assert found.separator[place] == wanted.separator
        assert found.verdict[place] == wanted.final


DRAWN = given(st.lists(st.tuples(HANDLES, NAMES), min_size=20, max_size=20))
OPTIONS = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@settings(OPTIONS, max_examples=30)
@DRAWN
def test_rules_equal_the_plain_form_on_600_pairs_of_any_unicode(drawn: list[tuple[str, str]]) -> None:
    compare([handle for handle, _ in drawn], [name for _, name in drawn])


@pytest.mark.long  # more of what the test above draws
@settings(OPTIONS, max_examples=500)
@DRAWN
def test_rules_equal_the_plain_form_on_10_000_pairs_of_any_unicode(drawn: list[tuple[str, str]]) -> None:
    compare([handle for handle, _ in drawn], [name for _, name in drawn])


def test_rules_equal_the_plain_form_on_made_pairs(request: pytest.FixtureRequest) -> None:
    compare(*pairs(MADE if request.config.getoption("--long") else COMPARED))


def test_the_pairs_exercise_every_rule_and_every_verdict() -> None:
    found = judge(*pairs(MADE))

    assert set(found.separator.tolist()) == {0, 1, 2}
    assert set(found.verdict.tolist()) == {0.0, 0.33, 1.0}
    assert 0 < found.foreign.mean() < 1
    assert {each.count(" ") for each in found.texts.name_letters} >= {0, 1, 2, 3, 4, 5}
    assert (found.similarity == 100).any()
    assert (found.similarity == 0).any()


def test_strong_signs_come_before_the_weak_name() -> None:
    found = judge(["user12345678", "qx_1234567", "zxcvm", "annasmith"], ["Anna", "Anna", "Anna Smith", "Anna Smith"])

    assert found.verdict.tolist() == [1.0, 1.0, 0.33, 0.0]
