"""How likely a name is in a country: letter trigrams learned from the warehouse's own creators and followers.

Tables hold counts of trigrams alone: no name can be read from one. A name's score is the mean log ratio, per letter,
between the country's letters and letters drawn evenly, mapped to 0..100.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stir.errors import StirError

EVERYWHERE = "*"
"""The table of all countries together, for a country that has too few names of its own."""
HANDLES = "@"
"""The table of the letters of all handles; with a script appended, of the handles beside names in that script."""
FEWEST_NAMES = 200
"""Fewest different names that a country's own table is learned from."""
FEWEST_SEEN = 3
"""Trigrams seen less often are left out, so that a rare name leaves no trace."""
SHIPPED = Path(__file__).with_name("names_v2.json")
LETTERS = 27
_SMOOTHING = 0.1
_EDGE = "^"
_MIDDLE, _STEEPNESS = 0.9, 2.2
_UNKNOWN = 50.0


@dataclass(frozen=True)
class NameTables:
    """Trigram counts by country code. `version` says which learning made them; 0 is none."""

    version: int
    counts: Mapping[str, Mapping[str, int]]
    _bigrams: dict[str, dict[str, int]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _known: dict[tuple[str, str], float] = field(default_factory=dict, init=False, repr=False, compare=False)

    def score(self, name: str, country: str | None) -> float:
        """Likelihood of the letters of a name (`normalise.name_letters`), 0 to 100; 50 where nothing is known."""
        table = country if country is not None and country in self.counts else EVERYWHERE
        words = [word for word in name.split() if len(word) > 1]
        if not words or not self.counts.get(table):
            return _UNKNOWN
        ratio = max(self._word(word, table) for word in words)
        return 100 / (1 + math.exp(-_STEEPNESS * (ratio - _MIDDLE)))

    def ratio(self, word: str, country: str | None) -> float:
        """Mean log ratio per letter of one word; 0 where nothing is learned."""
        table = country if country is not None and country in self.counts else EVERYWHERE
        return self._word(word, table) if self.counts.get(table) else 0.0

    def has(self, table: str) -> bool:
        """Whether there is a table of this country, or of handles."""
        return bool(self.counts.get(table))

    def _word(self, word: str, table: str) -> float:
        key = (word, table)
        found = self._known.get(key)
        if found is None:
            if len(self._known) > 200_000:
                self._known.clear()
            found = self._known[key] = self._scored(word, table)
        return found

    def _scored(self, word: str, table: str) -> float:
        trigrams, bigrams = self.counts[table], self._pairs(table)
        total = 0.0
        for each in trigrams_of(word):
            seen = trigrams.get(each, 0) + _SMOOTHING
            total += math.log(LETTERS * seen / (bigrams.get(each[:2], 0) + _SMOOTHING * LETTERS))
        return total / (len(word) + 1)

    def _pairs(self, table: str) -> dict[str, int]:
        if table not in self._bigrams:
            pairs: Counter[str] = Counter()
            for trigram, count in self.counts[table].items():
                pairs[trigram[:2]] += count
            self._bigrams[table] = pairs
        return self._bigrams[table]


NOTHING_LEARNED = NameTables(0, {})


def trigrams_of(word: str) -> Iterable[str]:
    """The trigrams of a word with its edges: "om" -> ^^o, ^om, om^."""
    padded = _EDGE * 2 + word + _EDGE
    return (padded[place : place + 3] for place in range(len(padded) - 2))


def learn(names: Iterable[tuple[str, str | None]], version: int, handles: Iterable[tuple[str, str]] = ()) -> NameTables:
    """Tables from the letters of names and the countries they were met in. Each name counts once in a country.

    Args:
        names: (letters, country code or None), in any order.
        version: the number that rows scored with these tables bear.
        handles: (letters of a handle, script of the name beside it); each handle counts once in a script.
    """
    seen: dict[str, set[str]] = {EVERYWHERE: set()}
    for letters, country in names:
        seen[EVERYWHERE].add(letters)
        if country:
            seen.setdefault(country, set()).add(letters)
    for letters, script in handles:
        for kind in (HANDLES, HANDLES + script):
            seen.setdefault(kind, set()).add(letters)
    counts = {}
    for country, found in sorted(seen.items()):
        if country == EVERYWHERE or len(found) >= FEWEST_NAMES:
            table = Counter(each for name in found for word in name.split() for each in trigrams_of(word))
            counts[country] = {each: count for each, count in sorted(table.items()) if count >= FEWEST_SEEN}
    return NameTables(version, counts)


def save(tables: NameTables, path: Path) -> None:
    """Write tables as JSON, the same bytes for the same tables."""
    path.write_text(json.dumps({"version": tables.version, "counts": tables.counts}, sort_keys=True) + "\n")


def load(path: Path = SHIPPED) -> NameTables:
    """Tables that `save` wrote.

    Raises:
        StirError: the file is missing or holds something else.
    """
    try:
        content = json.loads(path.read_text())
        return NameTables(
            int(content["version"]),
            {str(c): {str(t): int(n) for t, n in table.items()} for c, table in content["counts"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StirError(
            "the tables of names cannot be read", where=str(path), do="learn them again: ./stir score fit"
        ) from error
