"""The original system's rules written plainly: a loop for everything, one comparison at a time."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import permutations

import regex
from anyascii import anyascii
from rapidfuzz import fuzz

from stir.authenticity.normalise import OWN_LETTERS
from stir.authenticity.transliterate import transliterate

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
STARTS = [0x1D400 + 52 * number for number in range(13)]
HOLES = {
    0x1D455: "ℎ", 0x1D49D: "ℬ", 0x1D4A0: "ℰ", 0x1D4A1: "ℱ", 0x1D4A3: "ℋ", 0x1D4A4: "ℐ", 0x1D4A7: "ℒ", 0x1D4A8: "ℳ",
    0x1D4AD: "ℛ", 0x1D4BA: "ℯ", 0x1D4BC: "ℊ", 0x1D4C4: "ℴ", 0x1D506: "ℭ", 0x1D50B: "ℌ", 0x1D50C: "ℑ", 0x1D515: "ℜ",
    0x1D51D: "ℨ", 0x1D53A: "ℂ", 0x1D53F: "ℍ", 0x1D545: "ℕ", 0x1D547: "ℙ", 0x1D548: "ℚ", 0x1D549: "ℝ", 0x1D551: "ℤ",
}  # fmt: skip
ALPHABETS = [[HOLES.get(start + place, chr(start + place)) for place in range(52)] for start in STARTS]


@dataclass(frozen=True)
class Judged:
    symbolic: str
    cleaned_handle: str
    cleaned_name: str
    similarity: float
    foreign: bool
    digits: int
    separator: int
    final: float


def symbols_as_letters(text: str) -> str:
    for alphabet in ALPHABETS:
        for symbol, letter in zip(alphabet, LETTERS, strict=True):
            text = text.replace(symbol, letter)
    text = unicodedata.normalize("NFKC", text)
    for code, letter in OWN_LETTERS.items():
        text = text.replace(chr(code), letter)
    text = "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return unicodedata.normalize("NFKC", text)


@cache
def is_in(character: str, classes: str) -> bool:
    return regex.match(classes, character) is not None


def is_foreign(text: str) -> bool:
    for character in text:
        for script in ("Greek", "Armenian", "Georgian", "Han", "Hangul"):
            if is_in(character, r"\p{L}") and is_in(character, rf"\p{{{script}}}"):
                return True
    return False


def letters_of(text: str, keep: str) -> str:
    kept = ""
    for character in text:
        if is_in(character, r"[\p{L}\p{M}]") or character.isspace():
            kept += character
    found = ""
    for character in anyascii(kept).lower():
        if character in "abcdefghijklmnopqrstuvwxyz" or (keep and character.isspace()):
            found += character
    return " ".join(found.split())


def likeness(handle: str, name: str) -> float:
    if not handle or not name:
        return 0.0
    handle, name = handle[:300], name[:300].rstrip()
    words = name.split()
    best = -1.0
    for order in permutations(words) if len(words) <= 4 else [words]:
        other = " ".join(order)
        partial = fuzz.partial_ratio(handle, other)
        score = (2 * partial + fuzz.token_sort_ratio(handle, other) + fuzz.token_set_ratio(handle, other)) / 4
        if score > best:
            best = score
    return best


def judge(handle: str, name: str) -> Judged:
    """Handle and name to everything that the rules ask, and the verdict: script, digits, separator, weak name."""
    symbolic = symbols_as_letters(name)
    folded = symbols_as_letters(handle).strip().removeprefix("@").lower()
    cleaned_handle = letters_of(transliterate(folded), "")
    cleaned_name = letters_of(transliterate(symbolic), " ")
    similarity = likeness(cleaned_handle, cleaned_name)
    foreign = is_foreign(symbolic)
    digits = 0
    for character in folded:
        if character.isdecimal():
            digits += 1
    if "_" not in folded and "-" not in folded and "." not in folded:
        separator = 2
    elif len(cleaned_name.split()) > 1 or similarity > 80:
        separator = 0
    else:
        separator = 1
    if foreign or digits > 4 or separator == 1:
        final = 1.0
    elif 0 < similarity <= 40:
        final = 0.33
    else:
        final = 0.0
    return Judged(symbolic, cleaned_handle, cleaned_name, similarity, foreign, digits, separator, final)
