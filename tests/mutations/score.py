"""How many of the mutations were noticed."""

from __future__ import annotations

from dataclasses import dataclass, field

AT_LEAST = 0.95
"""Fewer than these are a failure."""


@dataclass(frozen=True)
class Outcome:
    """One mutation and whether a test noticed it."""

    kind: str
    place: str
    change: str
    noticed: bool


@dataclass
class Score:
    """Of all that were tried."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def survivors(self) -> list[Outcome]:
        """Those that no test noticed."""
        return [outcome for outcome in self.outcomes if not outcome.noticed]

    @property
    def ratio(self) -> float:
        """Noticed of tried; where none was tried nothing was noticed."""
        return 1 - len(self.survivors) / len(self.outcomes) if self.outcomes else 0.0

    def lines(self) -> list[str]:
        """Killed of tried, by kind and in all."""
        kinds = list(dict.fromkeys(outcome.kind for outcome in self.outcomes))
        found = [_line(kind, [each for each in self.outcomes if each.kind == kind]) for kind in kinds]
        return [*found, f"{_line('all', self.outcomes)} ({self.ratio:.1%}, at least {AT_LEAST:.0%} are asked)"]


def _line(name: str, outcomes: list[Outcome]) -> str:
    return f"{name}: killed {sum(outcome.noticed for outcome in outcomes)} of {len(outcomes)} tried"
