"""A creator's share of inauthentic followers, with a 90 % interval.

The probabilities are those of an average creator. A creator's own share is found by EM (Saerens, Latinne and
Decaestecker 2002, equation 2.4): each probability is adjusted to the share, and the share is the mean of the adjusted
ones, until both agree. What is left of the model's own error is taken off by a line, as Rogan and Gladen (1978) do for
verdicts; line and error were measured on creators that the model had not been fitted on. The interval holds two errors:
of the sample, by bootstrap over its followers, and of the model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.probability import Model

VERSION = 1
METHOD = "em_bootstrap"
LEVEL = 0.9
NORMAL_90 = 1.6448536269514722
DRAWS = 200
BINS = 250
STEPS = 60
SEED = 20260101
FEWEST = 30
"""Fewest followers with a probability that a share is given for."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """A share and its interval, 0 to 1 each, and from how many followers."""

    share: float
    low: float
    high: float
    sample_size: int


def share_of(probabilities: Floats, model: Model) -> Share | None:
    """The share of one creator; None for fewer than `FEWEST` followers with a probability.

    Args:
        probabilities: of the followers, NaN where the model abstained; their order changes nothing.
        model: what the probabilities are from.
    """
    known = probabilities[~np.isnan(probabilities)]
    if len(known) < FEWEST:
        return None
    share, sampling = estimate(known, model.prior)
    intercept, slope = model.share_line
    share, spread = intercept + slope * share, math.hypot(slope * sampling, model.share_error)
    low, high = share - NORMAL_90 * spread, share + NORMAL_90 * spread
    return Share(_part(share), _part(low), _part(high), len(known))


def _part(value: float) -> float:
    return min(1.0, max(0.0, value))


def estimate(probabilities: Floats, prior: float) -> tuple[float, float]:
    """The share by EM before it is corrected, and its standard error by bootstrap, which is seeded.

    Probabilities are counted in bins, so that a sample of any size takes the same time.
    """
    places = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    used = counts > 0
    middles = ((np.arange(BINS) + 0.5) / BINS)[used]
    dice = np.random.Generator(np.random.PCG64(SEED))
    drawn = dice.multinomial(len(probabilities), counts[used] / len(probabilities), DRAWS)
    found = _em(middles, np.vstack([counts[used], drawn]) / len(probabilities), prior)
    return float(found[0]), float(found[1:].std())


def _em(middles: Floats, parts: Floats, prior: float) -> Floats:
    """The share of each row of parts, which say how much of a sample is in each bin."""
    ratio = middles / (1 - middles) * (1 - prior) / prior
    gains, more = parts * ratio, ratio - 1
    share, spread = np.full(len(parts), prior), np.empty_like(parts)
    for _ in range(STEPS):
        # share = sum of part * ratio * share / (ratio * share + 1 - share), without a new table for each step
        np.multiply.outer(share, more, out=spread)
        spread += 1
        np.divide(gains, spread, out=spread)
        share *= spread.sum(axis=1)
    return share
