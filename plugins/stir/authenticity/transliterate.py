"""Ten Indic scripts in Latin letters, as people spell their names.

Nine of the blocks are laid out alike in Unicode (they follow ISCII), so one table of 128 places serves them all;
Sinhala has its own. A consonant carries an "a" unless a vowel sign or a virama follows; at the end of a word
this "a" is silent in Devanagari, Bengali, Gurmukhi and Gujarati.
"""

from __future__ import annotations

import regex

VERSION = 1
BLOCKS = {
    "Devanagari": 0x0900,
    "Bengali": 0x0980,
    "Gurmukhi": 0x0A00,
    "Gujarati": 0x0A80,
    "Oriya": 0x0B00,
    "Tamil": 0x0B80,
    "Telugu": 0x0C00,
    "Kannada": 0x0C80,
    "Malayalam": 0x0D00,
}
SILENT = {"Devanagari", "Bengali", "Gurmukhi", "Gujarati"}
"""Scripts whose last "a" of a word is not spoken."""

_VOWELS = dict(
    enumerate(["a", "a", "i", "i", "u", "u", "ri", "li", "e", "e", "e", "ai", "o", "o", "o", "au"], start=0x05)
) | {0x60: "ri", 0x61: "li"}
_CONSONANTS = dict(
    enumerate(
        [
            "k",
            "kh",
            "g",
            "gh",
            "n",
            "ch",
            "chh",
            "j",
            "jh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "n",
            "p",
            "ph",
            "b",
            "bh",
            "m",
            "y",
            "r",
            "r",
            "l",
            "l",
            "l",
            "v",
            "sh",
            "sh",
            "s",
            "h",
        ],
        start=0x15,
    )
) | {0x58: "k", 0x59: "kh", 0x5A: "g", 0x5B: "z", 0x5C: "r", 0x5D: "rh", 0x5E: "f", 0x5F: "y"}
_SIGNS = dict(
    enumerate(["a", "i", "i", "u", "u", "ri", "ri", "e", "e", "e", "ai", "o", "o", "o", "au"], start=0x3E)
) | {0x57: "u", 0x62: "li", 0x63: "li"}
_MARKS = {0x00: "n", 0x01: "n", 0x02: "n", 0x03: "h", 0x3C: "", 0x3D: "", 0x50: "om", 0x70: "n", 0x71: "", 0x72: "i"}
_VIRAMA = 0x4D
_DIGITS = {0x66 + digit: str(digit) for digit in range(10)}

# What a script says differently from the others at the same place.
_OWN: dict[str, dict[int, str]] = {
    "Bengali": {0x70: "r", 0x71: "w", 0x4E: "t", 0x35: "b"},
    "Gurmukhi": {0x72: "i", 0x73: "u"},
    "Oriya": {0x71: "w"},
    "Tamil": {0x1A: "s", 0x34: "zh", 0x31: "r"},
    "Malayalam": {
        0x34: "zh",
        0x7A: "n",
        0x7B: "n",
        0x7C: "r",
        0x7D: "l",
        0x7E: "l",
        0x7F: "k",
    },
}
_SINHALA_CONSONANTS = dict(
    enumerate(
        [
            "k",
            "kh",
            "g",
            "gh",
            "n",
            "ng",
            "ch",
            "chh",
            "j",
            "jh",
            "n",
            "gn",
            "nj",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "nd",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "-",
            "nd",
            "p",
            "ph",
            "b",
            "bh",
            "m",
            "mb",
            "y",
            "r",
            "-",
            "l",
            "-",
            "-",
            "v",
            "sh",
            "sh",
            "s",
            "h",
            "l",
            "f",
        ],
        start=0x0D9A,
    )
)
_SINHALA_VOWELS = dict(
    enumerate(
        ["a", "a", "ae", "ae", "i", "i", "u", "u", "ru", "ru", "lu", "lu", "e", "e", "ai", "o", "o", "au"], start=0x0D85
    )
)
_SINHALA_SIGNS = {
    0x0DCF: "a", 0x0DD0: "ae", 0x0DD1: "ae", 0x0DD2: "i", 0x0DD3: "i", 0x0DD4: "u", 0x0DD6: "u", 0x0DD8: "ru",
    0x0DD9: "e", 0x0DDA: "e", 0x0DDB: "ai", 0x0DDC: "o", 0x0DDD: "o", 0x0DDE: "au", 0x0DDF: "lu", 0x0DF2: "ru",
}  # fmt: skip


def _places() -> tuple[dict[str, str], dict[str, str], dict[str, str], set[str], set[str]]:
    """Letters of all blocks: consonants, vowel signs, all others; viramas; consonants of silent scripts."""
    consonants: dict[str, str] = {}
    signs: dict[str, str] = {}
    others: dict[str, str] = {}
    silent: set[str] = set()
    for script, start in BLOCKS.items():
        own = _OWN.get(script, {})
        for table, to in ((_CONSONANTS, consonants), (_SIGNS, signs), (_VOWELS | _MARKS | _DIGITS, others)):
            to |= {chr(start + place): text for place, text in table.items()}
        for place, text in own.items():
            into = consonants if 0x15 <= place <= 0x39 or (script == "Bengali" and place >= 0x70) else others
            others.pop(chr(start + place), None)
            into[chr(start + place)] = text
        if script in SILENT:
            silent |= {chr(start + place) for place in _CONSONANTS}
    consonants |= {chr(code): text for code, text in _SINHALA_CONSONANTS.items() if text != "-"}
    signs |= {chr(code): text for code, text in _SINHALA_SIGNS.items()}
    others |= {chr(code): text for code, text in _SINHALA_VOWELS.items()} | {"\u0d82": "n", "\u0d83": "h"}
    viramas = {chr(start + _VIRAMA) for start in BLOCKS.values()} | {"\u0dca"}
    return consonants, signs, others, viramas, silent


_CONSONANT, _SIGN, _OTHER, _VIRAMAS, _SILENT = _places()
_NUKTA = {chr(start + 0x3C) for start in BLOCKS.values()}
# NFKC takes a dotted letter apart, so that z comes as j and a dot; the whole letter is of the same table.
_WITH_DOT = {
    chr(start + plain) + chr(start + 0x3C): chr(start + whole)
    for start in BLOCKS.values()
    for plain, whole in {0x15: 0x58, 0x16: 0x59, 0x17: 0x5A, 0x1C: 0x5B, 0x21: 0x5C, 0x22: 0x5D, 0x2B: 0x5E}.items()
}
_DOTTED = regex.compile(r".[" + "".join(sorted(_NUKTA)) + "]")
SILENT_A, SPOKEN_A, SIGN, VIRAMA = "\x01", "\x04", "\x02", "\x03"
"""Marks of marked_letters: a consonant's "a" that is silent at the end of a word, one that is spoken there; a vowel
sign and a virama, which both take it away."""


def marked_letters() -> dict[str, str]:
    """Every letter of the ten scripts in Latin ones, with marks, for those who spell letter by letter in SQL."""
    marked = dict.fromkeys(_NUKTA, "") | _OTHER
    marked |= {letter: latin + (SILENT_A if letter in _SILENT else SPOKEN_A) for letter, latin in _CONSONANT.items()}
    marked |= {letter: SIGN + latin for letter, latin in _SIGN.items()} | dict.fromkeys(_VIRAMAS, VIRAMA)
    return marked


INDIC = regex.compile(r"[\u0900-\u0DFF]+[\u200c\u200d\u0900-\u0DFF]*")
"""A run of letters of the ten scripts, with the joiners between them."""


def transliterate(text: str) -> str:
    """The text with its Indic words in Latin letters; everything else stays.

    Examples:
        अनन्या -> ananya, காவ்யா -> kavya, विक्रम -> vikram
    """
    return text if text.isascii() else str(INDIC.sub(lambda run: _word(run.group()), text))


def _word(word: str) -> str:
    word = _DOTTED.sub(lambda pair: _WITH_DOT.get(pair.group(), pair.group()[0]), word)
    letters = [letter for letter in word if letter not in "\u200c\u200d" and letter not in _NUKTA]
    spelt: list[str] = []
    last = len(letters) - 1
    for place, letter in enumerate(letters):
        following = letters[place + 1] if place < last else ""
        if letter in _CONSONANT:
            spelt.append(_CONSONANT[letter])
            spoken = place < last or letter not in _SILENT or last == 0 or _is_cluster(letters, place)
            if spoken and following not in _SIGN and following not in _VIRAMAS:
                spelt.append("a")
        else:
            spelt.append(_SIGN.get(letter) or _OTHER.get(letter, "" if letter in _VIRAMAS else letter))
    return "".join(spelt)


def _is_cluster(letters: list[str], place: int) -> bool:
    """Whether the last consonant is joined to the one before it: its "a" is spoken (Mitra, Gupta)."""
    return place > 0 and letters[place - 1] in _VIRAMAS
