"""How good verdicts, probabilities and shares are, measured against labels. Never imported by the job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.labels import Labelled
from stir.authenticity.probability import THRESHOLD, Model
from stir.authenticity.shares import share_of

BINS = 10

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Quality:
    """Figures of one way to judge. `brier` and `calibration_error` are not for verdicts, which are no probabilities."""

    judged: int
    abstained: int
    precision: float
    recall: float
    false_alarms: float
    auc: float
    brier: float
    calibration_error: float


@dataclass(frozen=True)
class Bin:
    """Followers whose probabilities are alike: the mean probability, and the part that is inauthentic."""

    expected: float
    found: float
    size: int


@dataclass(frozen=True)
class Shares:
    """How far creators' shares are off, in points, and how many of the intervals hold the true one.

    Without known shares of all followers, the share in the sample is the true one, and `held` is NaN: the interval is
    about the followers who were not sampled too.
    """

    creators: int
    error: float
    held: float
    width: float


def quality(probabilities: Floats, truth: Flags, threshold: float = THRESHOLD) -> Quality:
    """Figures of probabilities, NaN where nothing is said, against what is true; inauthentic from `threshold` on."""
    known = ~np.isnan(probabilities)
    found, true = probabilities[known], truth[known]
    called = found > threshold
    hits, calls, fakes = int((called & true).sum()), int(called.sum()), int(true.sum())
    real = len(true) - fakes
    curve = calibration(found, true)
    return Quality(
        int(known.sum()),
        int((~known).sum()),
        hits / calls if calls else float("nan"),
        hits / fakes if fakes else float("nan"),
        (calls - hits) / real if real else float("nan"),
        auc(found, true),
        float(((found - true) ** 2).mean()) if len(true) else float("nan"),
        sum(each.size * abs(each.expected - each.found) for each in curve) / max(1, len(true)),
    )


def auc(scores: Floats, truth: Flags) -> float:
    """The chance that an inauthentic follower has a higher score than a real one; equal scores count half."""
    fakes, real = int(truth.sum()), int((~truth).sum())
    if not fakes or not real:
        return float("nan")
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[truth].sum() - fakes * (fakes + 1) / 2) / (fakes * real))


def calibration(probabilities: Floats, truth: Flags) -> list[Bin]:
    """The calibration curve, in tenths of probability; empty tenths are left out."""
    tenths = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return [
        Bin(float(probabilities[here].mean()), float(truth[here].mean()), int(here.sum()))
        for each in range(BINS)
        if (here := tenths == each).any()
    ]


def recall_by_kind(
    probabilities: Floats, labelled: Labelled, threshold: float = THRESHOLD
) -> dict[str, tuple[int, float]]:
    """Kind of fake to how many there are and which part is found."""
    kinds = np.array(labelled.kinds)
    found = {}
    for kind in sorted(set(kinds[labelled.truth]) - {""}):
        here = labelled.truth & (kinds == kind)
        found[kind] = (int(here.sum()), float((np.nan_to_num(probabilities[here]) > threshold).mean()))
    return found


def shares(probabilities: Floats, labelled: Labelled, model_of: Callable[[str], Model]) -> Shares:
    """Creators' shares against the known ones.

    Args:
        probabilities: of each follower, shape (n,); NaN where nothing is said.
        labelled: the followers and what is known of their creators.
        model_of: the model that judged the followers of a creator.
    """
    errors: list[float] = []
    held: list[bool] = []
    widths: list[float] = []
    for creator, places in by_creator(labelled.followers.creator_ids).items():
        found = share_of(probabilities[places], model_of(creator))
        if found is None:
            continue
        sampled, known = float(labelled.truth[places].mean()), float(labelled.shares[places[0]])
        errors.append(abs(found.share - sampled))
        widths.append(found.high - found.low)
        if not np.isnan(known):
            held.append(found.low <= known <= found.high)
    return Shares(
        len(errors),
        100 * float(np.mean(errors)) if errors else float("nan"),
        float(np.mean(held)) if held else float("nan"),
        100 * float(np.mean(widths)) if widths else float("nan"),
    )


def by_creator(creator_ids: Sequence[str]) -> dict[str, list[int]]:
    """Creator to the places of its followers."""
    found: dict[str, list[int]] = {}
    for place, creator in enumerate(creator_ids):
        found.setdefault(creator, []).append(place)
    return found
