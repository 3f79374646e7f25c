"""Whether real followers are accused more often for the script of their name. Never imported by the job."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.normalise import fold
from stir.authenticity.scripts import LATIN, NONE, script_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEWEST = 100
"""Fewest real followers of a script that its false alarms are compared by."""
FEWEST_TO_MEASURE = 1000
"""Fewest real followers of a script that its benefit is measured by: the standard error of their false alarms, where
8 in 100 are called, is 0.9 points. With fewer, chance would differ more than scripts do among each other."""
SURE = 0.0025
"""Greatest standard error of the false alarms of the script that the others are made equal to: whoever takes the
lowest of many uncertain rates takes the luckiest one."""


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


def benefits(margins: Floats, groups: Flags, labels: Flags, label_error: float) -> Floats:
    """Log odds, 0 or less, to add for each group of scripts so that the real followers of all are called equally often.

    Equal opportunity for those who are real (Hardt, Price and Srebro 2016), by one offset for each group: all come down
    to the group that is called least often. A group that is too small to be measured gets the mean of the others.

    Some labels are wrong, and where many are inauthentic, more of those labelled real are. Counts of called and of all
    real followers are therefore freed from that error: with wrong labels a part e of the time, and independently of
    all else, real = ((1 - e) labelled real - e labelled inauthentic) / (1 - 2e).

    Args:
        margins: log odds of each follower above those from which it is called, shape (n,); minus infinity for those who
            are never called.
        groups: whether a follower's name is in a group's scripts, shape (n, groups).
        labels: whether a follower is labelled inauthentic, shape (n,).
        label_error: the part of the labels that is wrong, less than one half.
    """
    weights = np.where(labels, -label_error, 1 - label_error) / (1 - 2 * label_error)
    sizes = np.array([weights[here].sum() for here in groups.T])
    rates = np.array([_called(margins[here], weights[here]) for here in groups.T])
    measured = (sizes >= FEWEST_TO_MEASURE) & (rates > 0)
    given = np.zeros(groups.shape[1])
    if not measured.any():
        return given
    errors = np.sqrt(rates * (1 - rates) / np.maximum(1, sizes))
    sure = measured & ((errors <= SURE) | (sizes == sizes[measured].max()))
    allowed = float(rates[sure].min())
    for group in np.flatnonzero(measured):
        here = groups[:, group]
        given[group] = -_margin_at(allowed, margins[here], weights[here])
    given[~measured] = given[measured].mean()
    return given


def _called(margins: Floats, weights: Floats) -> float:
    """The part of the real ones that is called: of those with weights, which are freed from the error of labels."""
    real = float(weights.sum())
    # Freed counts of few may be below 0, or more than there are.
    return min(1.0, max(0.0, float(weights[margins > 0].sum()) / real)) if real > 0 else 0.0


def _margin_at(allowed: float, margins: Floats, weights: Floats) -> float:
    """The least margin, 0 or more, above which no more than the allowed part of the real ones is."""
    called = np.flatnonzero(margins > 0)
    order = called[np.argsort(-margins[called], kind="stable")]
    parts = np.maximum.accumulate(np.cumsum(weights[order]) / weights.sum())
    place = int(np.searchsorted(parts, allowed, side="right"))
    return float(margins[order[place]]) if place < len(order) else 0.0


def false_alarms(called: Flags, truth: Flags, names: list[str]) -> list[Alarms]:
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
