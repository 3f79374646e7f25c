"""Names and handles as comparable text: decorative letters folded, other scripts in Latin letters, letters alone.

Every function takes any text, of any length and with lone surrogates, and raises nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import regex
from anyascii import anyascii

from stir.authenticity.transliterate import transliterate

VERSION = 1
LATIN = "abcdefghijklmnopqrstuvwxyz"

_SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ"
_UPSIDE_DOWN = "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz"
_STARTS = {0x1F150: "negative circled", 0x1F170: "negative squared", 0x1F1E6: "regional indicator"}


def _own_letters() -> dict[int, str]:
    """Letters that NFKC leaves as they are: three sets of capitals, small capitals, and those turned upside down."""
    table = {start + place: letter.upper() for start in _STARTS for place, letter in enumerate(LATIN)}
    for letters in (_SMALL_CAPITALS, _UPSIDE_DOWN):
        table |= {ord(each): to for each, to in zip(letters, LATIN, strict=True) if not each.isascii()}
    return table


OWN_LETTERS = _own_letters()
SURROGATES = dict.fromkeys(range(55296, 57344), "�")
_FOLDED = OWN_LETTERS | SURROGATES

LOOK_ALIKES = dict(
    zip(
        "АВСЕНІЈКМОРЅТХУавсеіјорѕхуԁԛԝһΑΒΕΖΗΙΚΜΝΟΡΤΥΧορ",
        "ABCEHIJKMOPSTXYabceijopsxydqwhABEZHIKMNOPTYXop",
        strict=True,
    )
)
"""Cyrillic and Greek letters drawn like Latin ones. They are read as Latin inside a word that has Latin letters too."""

# \s of regex leaves out four separators that str.split knows.
_NO_LETTER = regex.compile(r"[^\p{L}\p{M}\s\x1c-\x1f]+")
_SYMBOLS = regex.compile(r"[^\p{L}\p{M}\p{N}\p{P}\s]+")
_MIXED = regex.compile(r"(?=\w*\p{Latin})(?=\w*[\p{Cyrillic}\p{Greek}])\w+")
_LOOK_ALIKES = str.maketrans(LOOK_ALIKES)
_ALL_BUT_LETTERS = {code: None for code in range(128) if not chr(code).isalpha() and not chr(code).isspace()}
_ALL_BUT_LETTERS_OF_A_HANDLE = {code: None for code in range(128) if not chr(code).isalpha()}


def fold(text: str) -> str:
    """The text with decorative letters as plain ones; a lone surrogate becomes U+FFFD.

    NFKC knows the thirteen mathematical alphabets, circled, squared and full-width letters; `OWN_LETTERS` the rest.
    NFKC may lengthen a text ("½", ligatures).
    """
    if text.isascii():
        return text
    once = unicodedata.normalize("NFKC", text)
    twice = once.translate(_FOLDED)
    return once if once == twice else unicodedata.normalize("NFKC", twice)


def look_alikes_as_latin(text: str) -> str:
    """A text in which words of mixed scripts are read as Latin; a Russian word stays Russian."""
    if text.isascii():
        return text
    return str(_MIXED.sub(lambda word: word.group().translate(_LOOK_ALIKES), text))


def in_latin(text: str) -> str:
    """A folded text with its Indic letters in Latin ones, as people spell them."""
    return text if text.isascii() else transliterate(text)


def in_ascii(text: str) -> str:
    """A text in ASCII. Symbols and emoji are left out, not described."""
    return text if text.isascii() else anyascii(_SYMBOLS.sub("", text))


def name_letters(text: str) -> str:
    """The letters of a name in Latin lower case, its words parted by one blank. Empty without a letter."""
    if not text.isascii():
        text = anyascii(_NO_LETTER.sub("", text))
    return " ".join(text.translate(_ALL_BUT_LETTERS).lower().split())


def clean_name(name: str) -> str:
    """The letters of a name as it was typed."""
    return name_letters(in_latin(fold(name)))


def fold_handle(handle: str) -> str:
    """A handle folded, in lower case, without blanks around it and without a leading @: handles ignore case."""
    return fold(handle).strip().removeprefix("@").lower()


def handle_letters(folded: str) -> str:
    """The letters of a folded handle in Latin lower case, without a blank."""
    if not folded.isascii():
        folded = anyascii(_NO_LETTER.sub("", in_latin(folded)))
    return folded.translate(_ALL_BUT_LETTERS_OF_A_HANDLE).lower()


def count_digits(folded: str) -> int:
    """Decimal digits of a folded text, of any script: counted after NFKC, so decorative ones count too."""
    return sum(map(str.isdecimal, folded))


@dataclass(frozen=True)
class Texts:
    """Handles and names in each step of their cleaning."""

    handles: list[str]
    """Folded, in lower case."""
    symbolic: list[str]
    latin: list[str]
    ascii: list[str]
    handle_letters: list[str]
    name_letters: list[str]

    @classmethod
    def of(cls, handles: Sequence[str], names: Sequence[str]) -> Texts:
        """Clean each column; pure ASCII takes a short way with the same result."""
        folded = [fold_handle(each) for each in handles]
        symbolic = [fold(each) for each in names]
        latin = [in_latin(each) for each in symbolic]
        return cls(
            folded,
            symbolic,
            latin,
            [in_ascii(each) for each in latin],
            [handle_letters(each) for each in folded],
            [name_letters(each) for each in latin],
        )
