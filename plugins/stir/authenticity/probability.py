"""The probability that a follower is inauthentic: a logistic model of the features, calibrated.

probability = calibration(intercept + sum of weight * (feature - mean) / scale). Weights come from `model_v4.json`,
which `./stir score fit` writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.features import FEATURES, MADE_BY, REASONS
from stir.authenticity.normalise import Texts
from stir.errors import StirError

SHIPPED = Path(__file__).with_name("model_v4.json")
THRESHOLD = 0.37
"""Above this a follower is called inauthentic where a verdict is needed: in figures of quality, nowhere else."""
SCRIPT_ALONE = THRESHOLD
"""A script by itself, without another sign, lifts nobody above this: it accuses nobody."""
MADE_FOR = {"features": list(FEATURES), "made_by": MADE_BY}
"""What the file of a model must say of the features."""
OF_SCRIPTS = np.array([reason == "script" for reason in FEATURES.values()])
"""The columns of the reason `script`."""
NOTEWORTHY = 0.3
"""Log odds from which a reason is named."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """A fitted model.

    Attributes:
        version: the number that rows scored with it bear.
        prior: the part of the followers that were inauthentic where it was fitted.
        means, scales, weights: of each feature, in the order of `FEATURES`.
        logits, probabilities: knots of the calibration, ascending; linear between them.
        share_line: intercept and slope of the line from a share as it is estimated to the true one.
        share_error: standard error of a creator's share that comes from the model, not from the size of a sample.
        fitted_on: what it was fitted on, for people.
    """

    version: int
    prior: float
    intercept: float
    means: list[float]
    scales: list[float]
    weights: list[float]
    logits: list[float]
    probabilities: list[float]
    share_line: list[float]
    share_error: float
    fitted_on: Mapping[str, object]

    def contributions(self, features: Floats) -> Floats:
        """Log odds that each feature adds to those of a mean follower, shape (n, features)."""
        found: Floats = (features - np.array(self.means)) / np.array(self.scales) * np.array(self.weights)
        return found

    def calibrated(self, logits: Floats) -> Floats:
        """Log odds of the linear model to probabilities."""
        return np.interp(logits, self.logits, self.probabilities)

    def probability(self, features: Floats, known: NDArray[np.bool_]) -> Floats:
        """The probability of each follower; NaN where `known` says that there is too little to judge by.

        Args:
            features: shape (n, len(FEATURES)).
            known: shape (n,).
        """
        parts = self.contributions(features)
        logits = self.intercept + parts.sum(axis=1)
        found, without = self.calibrated(logits), self.calibrated(logits - against(parts[:, OF_SCRIPTS]))
        found = np.where(without <= SCRIPT_ALONE, np.minimum(found, SCRIPT_ALONE), found)
        found[~known] = np.nan
        return found

    def by_reason(self, features: Floats) -> dict[str, Floats]:
        """Log odds that each reason adds, shape (n,) each."""
        parts = self.contributions(features)
        owners = list(FEATURES.values())
        return {reason: parts[:, [owner == reason for owner in owners]].sum(axis=1) for reason in REASONS}

    def reasons(self, features: Floats) -> list[list[str]]:
        """The reasons that speak against each follower, the strongest first."""
        found = self.by_reason(features)
        names, weights = list(found), np.stack(list(found.values()), axis=1)
        order = np.argsort(-weights, axis=1, kind="stable")
        return [
            [names[each] for each in places if row[each] >= NOTEWORTHY]
            for row, places in zip(weights.tolist(), order.tolist(), strict=True)
        ]


def against(parts: Floats) -> Floats:
    """Log odds by which scripts speak against each follower, from what their columns add, shape (n, columns).

    What they add in its favour counts wherever it is judged: benefits move everybody, and so does the threshold.
    """
    found: Floats = np.maximum(parts, 0.0).sum(axis=1)
    return found


def has_evidence(texts: Texts) -> NDArray[np.bool_]:
    """Whether there is enough to judge by: letters in the name and in the handle."""
    pairs = zip(texts.name_letters, texts.handle_letters, strict=True)
    return np.array([bool(name) and bool(handle) for name, handle in pairs], dtype=np.bool_)


def save(model: Model, path: Path) -> None:
    """Write a model as JSON, the same bytes for the same model."""
    path.write_text(json.dumps({**MADE_FOR, **asdict(model)}, indent=1, sort_keys=True) + "\n")


def load(path: Path = SHIPPED) -> Model:
    """A model that `save` wrote.

    Raises:
        StirError: the file is missing, holds something else, or was fitted for other features.
    """
    try:
        content = json.loads(path.read_text())
        if {name: content.pop(name) for name in MADE_FOR} != MADE_FOR:
            raise ValueError("other features")
        return Model(**content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StirError("the model cannot be read", where=str(path), do="fit it again: ./stir score fit") from error
