"""Whether real followers are accused more often for the script of their name. Never imported by the job."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.normalise import fold
from stir.authenticity.scripts import LATIN, NONE, script_of

FEWEST = 100
"""Fewest real followers of a script that its false alarms are compared by."""


@dataclass(frozen=True)
class Alarms:
    """Real followers who write in one script, and the part of them that was called inauthentic.

    `excess` is the difference to Latin in points; `error` is its standard error.
    """

    script: str
    real: int
    rate: float
    excess: float
    error: float


def benefits(
    logits: NDArray[np.float64],
    without: NDArray[np.float64],
    groups: NDArray[np.bool_],
    labels: NDArray[np.bool_],
    threshold: float,
) -> NDArray[np.float64]:
    """Log odds, 0 or less, to add for each group of scripts so that its real followers are not called more often.

    What is called in a group of a few hundred is partly chance: such a group gets the benefit of its standard error,
    so that in other samples, too, it is rarely called more often.

    Args:
        logits: log odds of each follower, shape (n,).
        without: the same without what the script adds: who is not above the threshold by these is not called.
        groups: whether a follower's name is in a group's scripts, shape (n, groups).
        labels: whether a follower is labelled inauthentic.
        threshold: the log odds above which a follower is called.
    """
    real = ~labels
    over = np.where(without > threshold, logits - threshold, -np.inf)
    others = over[real & ~groups.any(axis=1)]
    allowed = float((others > 0).mean()) if len(others) else 0.0
    given = np.zeros(groups.shape[1])
    for group in range(groups.shape[1]):
        here = np.sort(over[real & groups[:, group]])[::-1]
        if len(here) >= FEWEST:
            chance = math.sqrt(allowed * (1 - allowed) / len(here))
            given[group] = -max(0.0, float(here[int(max(0.0, allowed - chance) * len(here))]))
    return given


def false_alarms(called: NDArray[np.bool_], truth: NDArray[np.bool_], names: list[str]) -> list[Alarms]:
    """False alarms by the script of the name, of those scripts that have enough real followers; Latin comes first."""
    scripts = np.array([script_of(fold(name)) for name in names])
    real = ~truth
    found: list[Alarms] = []
    latin, latin_size = 0.0, 1
    for script in sorted(set(scripts[real]) - {NONE}, key=lambda each: (each != LATIN, each)):
        here = real & (scripts == script)
        size, rate = int(here.sum()), float(called[here].mean())
        if script == LATIN:
            latin, latin_size = rate, size
        if size >= FEWEST:
            error = np.sqrt(rate * (1 - rate) / size + latin * (1 - latin) / latin_size)
            found.append(Alarms(str(script), size, rate, 100 * (rate - latin), 100 * float(error)))
    return found
