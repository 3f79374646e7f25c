"""Which script a name is written in."""

from __future__ import annotations

from collections import Counter

import regex

VERSION = 1
LATIN, NONE = "Latin", ""
SCRIPTS = (
    LATIN,
    "Cyrillic",
    "Greek",
    "Arabic",
    "Hebrew",
    "Devanagari",
    "Bengali",
    "Gurmukhi",
    "Gujarati",
    "Oriya",
    "Tamil",
    "Telugu",
    "Kannada",
    "Malayalam",
    "Sinhala",
    "Thai",
    "Han",
    "Hiragana",
    "Katakana",
    "Hangul",
    "Armenian",
    "Georgian",
)
"""Scripts that have a name here; letters of any other one count as `OTHER`."""
OTHER = "other"
JAPANESE = {"Hiragana": "Han", "Katakana": "Han"}
"""Scripts of one writing system are one script."""

_INDIC = frozenset(SCRIPTS[5:15])
HOME: dict[str, frozenset[str]] = {
    "IN": _INDIC | {"Arabic"},
    "BD": frozenset({"Bengali"}),
    "LK": frozenset({"Sinhala", "Tamil"}),
    "NP": frozenset({"Devanagari"}),
    **dict.fromkeys(("CN", "TW", "HK", "MO", "JP"), frozenset({"Han"})),
    "SG": frozenset({"Han", "Tamil"}),
    "MY": frozenset({"Han", "Tamil"}),
    "KR": frozenset({"Hangul", "Han"}),
    **dict.fromkeys(("GR", "CY"), frozenset({"Greek"})),
    **dict.fromkeys(("RU", "UA", "BY", "BG", "RS", "MK", "KZ", "KG", "MN"), frozenset({"Cyrillic"})),
    **dict.fromkeys(
        ("EG", "SA", "AE", "QA", "KW", "BH", "OM", "YE", "IQ", "IR", "JO", "LB", "SY", "PS", "LY", "TN", "DZ", "MA",
         "SD", "PK", "AF"),
        frozenset({"Arabic"}),
    ),
    "IL": frozenset({"Hebrew", "Arabic"}),
    "TH": frozenset({"Thai"}),
    "AM": frozenset({"Armenian"}),
    "GE": frozenset({"Georgian"}),
}  # fmt: skip
"""Country code to the scripts that its people write besides Latin."""

_FOREIGN = regex.compile(r"(?=\p{L})[\p{Greek}\p{Armenian}\p{Georgian}\p{Han}\p{Hangul}]")
_LETTERS = regex.compile(
    "|".join(rf"(?P<{name}>(?:(?=\p{{L}})\p{{{name}}})+)" for name in SCRIPTS) + r"|(?P<other>\p{L})"
)


def family_of(script: str) -> str:
    """A script, or "Indic" for those of India: names in any of them are spelt alike in Latin letters."""
    return "Indic" if script in _INDIC else script


def has_foreign_script(text: str) -> bool:
    """Whether a text has a letter of the five scripts that the original system calls foreign."""
    return not text.isascii() and _FOREIGN.search(text) is not None


def script_of(text: str) -> str:
    """The script of most letters of a folded text, the first one of several; empty without a letter.

    Kana count as Han: Japanese names mix them.
    """
    if text.isascii():
        return LATIN if any(map(str.isalpha, text)) else NONE
    found: Counter[str] = Counter()
    for match in _LETTERS.finditer(text):
        name = match.lastgroup or OTHER
        found[JAPANESE.get(name, name)] += len(match.group())
    return max(found, key=found.__getitem__) if found else NONE
