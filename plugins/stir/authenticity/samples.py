"""What a creator's whole sample of followers says about each one in it: the scripts it is written in, and namesakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from stir.authenticity import normalise
from stir.authenticity.scripts import has_foreign_script, script_of

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

    @classmethod
    def of(cls, names: Iterable[str], country: str | None = None) -> Sample:
        """The sample of these names, as they were typed."""
        sample = cls(country)
        sample.add(names)
        return sample

    def add(self, names: Iterable[str]) -> None:
        """Count further followers of the same creator."""
        for name in names:
            folded = normalise.fold(name)
            letters = normalise.name_letters(normalise.in_latin(folded))
            self.size += 1
            self.foreign += has_foreign_script(folded)
            self.scripts[script_of(folded)] += 1
            if letters:
                self.names[letters] += 1
                self.words.update(set(letters.split()))

    @property
    def foreign_is_home(self) -> bool:
        """Whether so many write in a foreign script that it tells nothing."""
        return self.size > 0 and self.foreign >= HOME_SHARE * self.size

    def share_of(self, script: str) -> float:
        """The part of those with letters in their name who write in this script."""
        known = self.size - self.scripts[""]
        return self.scripts[script] / known if known else 0.0
