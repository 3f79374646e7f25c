"""Normalisation of names and handles: idempotent, never raising, and the traps of Unicode."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from stir.authenticity import normalise, scripts, transliterate

HARD = {
    "lone surrogates": "\ud83d Anna \udc00",
    "ten thousand marks": "A" + "\u0301" * 10_000,
    "right to left": "\u202eannA\u202c ليلى",
    "joiners": "क\u200dष \u200c\u200d अ\u200c",
    "empty": "",
    "blanks": " \t\u3000\x1c",
    "emoji only": "👩‍👩‍👧 ❤️🔥",
    "no character": "\U0010ffff\x00",
    "ligature of a phrase": "ﷺ",
}
GOLDEN = Path(__file__).with_name("golden_names.csv")


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_hard_texts_raise_nothing_and_can_be_stored(text: str) -> None:
    found = normalise.Texts.of([text], [text])

    for column in (found.handles, found.symbolic, found.latin, found.ascii, found.handle_letters, found.name_letters):
        column[0].encode("utf-8")
    assert found.ascii[0].isascii()
    assert regex.fullmatch(r"(?:[a-z]+(?: [a-z]+)*)?", found.name_letters[0])
    assert regex.fullmatch(r"[a-z]*", found.handle_letters[0])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.characters(codec=None), max_size=40))
def test_each_step_is_idempotent(text: str) -> None:
    folded, handle = normalise.fold(text), normalise.fold_handle(text)

    assert normalise.fold(folded) == folded
    assert normalise.clean_name(normalise.clean_name(text)) == normalise.clean_name(text)
    assert normalise.handle_letters(normalise.handle_letters(handle)) == normalise.handle_letters(handle)


def test_all_thirteen_mathematical_alphabets_are_folded() -> None:
    from .plain import ALPHABETS, LETTERS

    assert [normalise.fold("".join(alphabet)) for alphabet in ALPHABETS] == [LETTERS] * 13


@pytest.mark.parametrize("text", ["Ⓟⓡⓘⓨⓐ", "Ｐｒｉｙａ", "🅟🅡🅘🅨🅐", "🅿🆁🅸🆈🅰", "🇵🇷🇮🇾🇦", "ᴘʀɪʏᴀ", "pɹᴉʎɐ", "ᵖʳⁱʸᵃ"])
def test_other_decorative_letters_are_folded(text: str) -> None:
    assert normalise.clean_name(text) == "priya"


def test_folding_may_lengthen_a_text() -> None:
    assert normalise.fold("½") == "1⁄2"
    assert normalise.clean_name("ﬁona ǆemal") == "fiona dzemal"


def test_special_cases_of_letters_give_the_letters_people_type() -> None:
    assert normalise.clean_name("Strauß İlknur Yıldız O'Neil") == "strauss ilknur yildiz oneil"
    assert normalise.clean_name("STRAUSS ILKNUR YILDIZ ONEIL") == "strauss ilknur yildiz oneil"


def test_digits_are_counted_after_folding() -> None:
    assert normalise.count_digits(normalise.fold_handle("anna①②𝟑４")) == 4
    assert normalise.count_digits(normalise.fold_handle("anna٣٤")) == 2


def test_handles_ignore_case_and_the_at_sign() -> None:
    assert normalise.fold_handle(" @Priya.SHARMA_1 ") == normalise.fold_handle("priya.sharma_1")


def test_a_name_of_emoji_has_no_letters_and_no_description() -> None:
    assert normalise.clean_name("😀🔥") == ""
    assert normalise.in_ascii(normalise.fold("😀 Anna 🔥")) == " Anna "


def test_look_alikes_are_read_as_latin_inside_a_mixed_word_alone() -> None:
    assert normalise.look_alikes_as_latin("Аnnа Анна Ελένη") == "Anna Анна Ελένη"


def golden() -> list[dict[str, str]]:
    with GOLDEN.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_transliteration_gives_the_golden_spellings() -> None:
    rows = golden()

    assert len(rows) >= 500
    assert len({row["script"] for row in rows}) == 10
    wrong = {
        row["name"]: found
        for row in rows
        if (found := transliterate.transliterate(normalise.fold(row["name"]))) != row["transliteration"]
    }
    assert wrong == {}


def test_golden_spellings_are_close_to_those_of_people() -> None:
    by_script: dict[str, list[float]] = {}
    for row in golden():
        by_script.setdefault(row["script"], []).append(fuzz.ratio(row["usual_spelling"], row["transliteration"]))
    means = {script: sum(values) / len(values) for script, values in by_script.items()}

    assert min(means.values()) > 90, means


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Anna", "Latin"),
        ("Анна A", "Cyrillic"),
        ("陽翔 ゆい", "Han"),
        ("최서윤", "Hangul"),
        ("अनन्या", "Devanagari"),
        ("ሰላም", "other"),
        ("42 🔥", ""),
        ("", ""),
    ],
)
def test_the_script_is_that_of_most_letters(text: str, script: str) -> None:
    assert scripts.script_of(text) == script


def test_five_scripts_are_foreign_to_the_original_and_marks_alone_are_not() -> None:
    assert [scripts.has_foreign_script(each) for each in ("Ελένη", "Արամ", "გიორგი", "王", "최")] == [True] * 5
    assert [scripts.has_foreign_script(each) for each in ("Анна", "अनन्या", "結a"[1:], "ͺ"[:0], "μ"[:0])] == [False] * 5
