"""How creators' estimated shares relate to true ones: what `shares.share_of` corrects by. Never imported by the job."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.evaluate import by_creator
from stir.authenticity.labels import Labelled
from stir.authenticity.shares import FEWEST, LEVEL, NORMAL_90, estimate

FEWEST_CREATORS = 20
"""Fewest creators that a line of shares is fitted to."""
USUAL_ERROR = 0.03

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A creator's share as it is estimated, before it is corrected, its standard error, and the true one; 0 to 1."""

    share: float
    sampling: float
    true: float


def estimates(labelled: Labelled, probabilities: Floats, prior_of: Callable[[str], float]) -> dict[str, Estimate]:
    """Creator to its estimate, of those with enough followers.

    True are the shares of all followers where they are known, else those of the labels in the sample.
    """
    found = {}
    for creator, places in by_creator(labelled.followers.creator_ids).items():
        known = probabilities[places][~np.isnan(probabilities[places])]
        if len(known) >= FEWEST:
            share = float(labelled.shares[places[0]])
            true = float(labelled.is_fake[places].mean()) if math.isnan(share) else share
            found[creator] = Estimate(*estimate(known, prior_of(creator)), true)
    return found


def line_of_shares(known: Sequence[Estimate]) -> tuple[Floats, float]:
    """Intercept and slope from estimated to true shares, and the error with which 90 % of intervals hold them."""
    if len(known) < FEWEST_CREATORS:
        return np.array([0.0, 1.0]), USUAL_ERROR
    found, sampling, true = np.array([(each.share, each.sampling, each.true) for each in known]).T
    line = np.linalg.lstsq(np.column_stack([np.ones(len(found)), found]), true, rcond=None)[0]
    missed = np.abs(line[0] + line[1] * found - true) / NORMAL_90
    # An interval holds the true share if its spread is as large as what it misses by.
    needed = np.sqrt(np.maximum(0.0, missed**2 - (line[1] * sampling) ** 2))
    return line, float(np.quantile(needed, LEVEL))
