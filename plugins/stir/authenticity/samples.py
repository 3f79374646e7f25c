"""What a creator's whole sample of followers says about each one in it: the scripts it is written in, and namesakes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import regex

from stir.authenticity import normalise
from stir.authenticity.scripts import has_foreign_script, script_of

FIRST_YEAR, LAST_YEAR = 1940, 2015
_UNSEEN = 0.3
_TWO_HAN = regex.compile(r"\p{Han}{2}")
_RUNS = regex.compile(r"\d+")
_UNPARTED = regex.compile(r"(?<![\p{Han}\p{Hangul}]\s*)[\p{Han}\p{Hangul}]{3,4}(?!\s*[\p{Han}\p{Hangul}])")
MOST_WORDS = 12
"""A text of more words is no name: it has no namesakes. What a word was met with would grow with their square."""
HOME_SHARE = 0.2
"""A script that at least this part of a sample writes in is its own. (The marts' `home_script_ratio`.)"""


@dataclass
class Sample:
    """Counts over all followers of one creator that were collected, each follower once.

    Build it with `of` or, in parts of any size and order, with `add`; the parts of a sample change nothing.
    """

    country: str | None = None
    size: int = 0
    foreign: int = 0
    scripts: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    single: int = 0
    """Followers whose name is one word."""
    persons: Counter[str] = field(default_factory=Counter)
    """Followers by `identity`."""
    numbered: Counter[str] = field(default_factory=Counter)
    """Followers by name whose handle is numbered."""
    short: Counter[str] = field(default_factory=Counter)
    """Followers by name whose handle has a number of three digits."""
    beside: dict[str, set[str]] = field(default_factory=dict)
    """Word of names to the words that it was met with."""
    _reach: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, names: Iterable[str], handles: Iterable[str], country: str | None = None) -> Sample:
        """The sample of these names and handles, as they were typed."""
        sample = cls(country)
        sample.add(names, handles)
        return sample

    def add(self, names: Iterable[str], handles: Iterable[str]) -> None:
        """Count further followers of the same creator."""
        self._reach.clear()
        for name, handle in zip(names, handles, strict=True):
            folded, followed_as = normalise.fold(name), normalise.fold_handle(handle)
            key = namesake_key(normalise.in_latin(folded))
            longest = number_of(followed_as)
            self.size += 1
            self.foreign += has_foreign_script(folded)
            self.scripts[script_of(folded)] += 1
            if key:
                self.names[key] += 1
                words = set(key.split())
                for word in words if len(words) > 1 else ():
                    self.beside.setdefault(word, set()).update(words - {word})
                self.words.update(words)
                self.single += len(words) == 1
                person = identity(key, normalise.handle_letters(followed_as))
                self.persons[person] += 1
                for each in {key, person}:
                    self.numbered[each] += longest == 4
                    self.short[each] += longest == 3

    def namesakes(self, key: str) -> tuple[int, float]:
        """How many others have the same `namesake_key`, and how many chance would give.

        Chance joins words as often as they occur in the names of the others of this sample, and only with the words
        of the same language: those that their own partners are met with.
        """
        return self._against_chance(key, self.names[key])

    def same_person(self, person: str) -> tuple[int, float]:
        """The same for `identity`."""
        return self._against_chance(person, self.persons[person])

    def _against_chance(self, key: str, same: int) -> tuple[int, float]:
        size = max(self.size, 1)
        words = key.split()
        if len(words) == 1:
            one_word = min(0.9, (self.single + 1) / (size + 2))
            return same - 1, (self.words[key] - same + _UNSEEN) * one_word / (1 - one_word)
        counts = [max(0, self.words[word] - same) + _UNSEEN for word in words]
        language = max(*(self._speakers(word) for word in words), *counts)
        return same - 1, language * math.prod(count / language for count in counts)

    def _speakers(self, word: str) -> int:
        """How many have a name with a word that this one was met with: about those of its language."""
        found = self._reach.get(word)
        if found is None:
            found = self._reach[word] = sum(self.words[each] for each in self.beside.get(word, ()))
        return found

    @property
    def foreign_is_home(self) -> bool:
        """Whether so many write in a foreign script that it tells nothing."""
        return self.size > 0 and self.foreign >= HOME_SHARE * self.size

    def share_of(self, script: str) -> float:
        """The part of those with letters in their name who write in this script."""
        known = self.size - self.scripts[""]
        return self.scripts[script] / known if known else 0.0


def namesake_key(latin: str) -> str:
    """What namesakes have in common: the words of a name without initials, in any order.

    Args:
        latin: a name folded and with Indic letters in Latin ones. A name in Han or Hangul without a blank is parted
            where the family name most likely ends. Two letters in Han may be a given name or a full one: they
            have no namesakes.
    """
    shortest = 2
    if not latin.isascii():
        if _TWO_HAN.fullmatch(latin.strip()):
            return ""
        latin, parted = _UNPARTED.subn(_parted, latin)
        shortest = 1 if parted else 2
    words = sorted(word for word in normalise.name_letters(latin).split() if len(word) >= shortest)
    return " ".join(words) if len(words) <= MOST_WORDS else ""


def identity(key: str, letters: str) -> str:
    """A key of one word, with what else the letters of the handle have before or after it.

    "rahul" with the handle rahul_sharma12 is a namesake of "Rahul Sharma", and of no other Rahul.
    """
    if key and " " not in key and len(key) > 2:
        rest = letters.removeprefix(key) if letters.startswith(key) else letters.removesuffix(key)
        if len(rest) > 2 and rest != letters:
            return " ".join(sorted((key, rest)))
    return key


def number_of(handle: str) -> int:
    """Digits of the longest number of a folded handle; 0 where that is a year of birth, which many people choose."""
    runs = _RUNS.findall(handle)
    return 0 if any(map(is_year, runs)) else max(map(len, runs), default=0)


def is_year(digits: str) -> bool:
    """Whether digits are a year in which a follower may be born."""
    return len(digits) == 4 and FIRST_YEAR <= int(digits) <= LAST_YEAR


def _parted(name: regex.Match[str]) -> str:
    letters = name.group()
    first = 2 if len(letters) == 4 else 1
    return f"{letters[:first]} {letters[first:]}"
