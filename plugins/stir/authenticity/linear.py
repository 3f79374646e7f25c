"""The linear model of the features and its calibration, fitted to labels. Never imported by the job."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.features import FIRST_GROUP
from stir.authenticity.probability import Model

PENALTY = 3.0
KNOTS = 30
TINY = 1e-4
ENOUGH = 1e-5
"""A step of Newton's method after which its error, about the square of the step, is below the places of a file."""
ROUNDS = 50

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Fitted:
    """A linear model: log odds = intercept + sum of weight * (feature - mean) / scale."""

    means: Floats
    scales: Floats
    weights: Floats
    intercept: float

    @classmethod
    def of(cls, model: Model) -> Fitted:
        """The columns of a model before `FIRST_GROUP`."""
        columns = [np.array(each[:FIRST_GROUP]) for each in (model.means, model.scales, model.weights)]
        return cls(columns[0], columns[1], columns[2], model.intercept)

    def logits(self, features: Floats) -> Floats:
        """Log odds of each follower, shape (n,)."""
        found: Floats = self.intercept + (features - self.means) / self.scales @ self.weights
        return found


def logistic(found: Floats, labels: Flags, start: Fitted | None = None) -> Fitted:
    """The weights of the features by Newton's method with a penalty, begun at those of `start`: fewer steps."""
    means, scales = found.mean(axis=0), found.std(axis=0)
    scales[scales < TINY] = 1.0  # a constant, whose deviation is rounding
    columns = np.column_stack([np.ones(len(found)), (found - means) / scales])
    penalty = np.diag([0.0, *[PENALTY] * found.shape[1]])
    weights = np.zeros(columns.shape[1])
    if start:
        slopes = (start.weights / start.scales)[: found.shape[1]]
        weights[0] = start.intercept + slopes @ (means - start.means[: found.shape[1]])
        weights[1:] = slopes * scales
    target = labels.astype(np.float64)
    for _ in range(ROUNDS):
        expected = sigmoid(columns @ weights)
        slope = columns.T @ (expected - target) + penalty @ weights
        weighted = columns * np.sqrt(expected * (1 - expected))[:, None]
        curve = weighted.T @ weighted + penalty  # a product with itself takes half of the time
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if np.abs(step).max() < ENOUGH:
            break
    return Fitted(means, scales, weights[1:], float(weights[0]))


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-x)), for any x."""
    found: Floats = 0.5 * (1 + np.tanh(0.5 * values))
    return found


def corrected(share: float, label_error: float) -> float:
    """The share behind one of labels of which some are wrong in either direction, equally often."""
    return min(1.0, max(0.0, (share - label_error) / (1 - 2 * label_error)))


def calibrate(logits: Floats, labels: Flags, label_error: float) -> tuple[Floats, Floats]:
    """Knots of a monotone calibration: labels averaged in order, freed from the error of labels.

    Isotonic regression by pool-adjacent-violators over blocks of equal size, so that no knot stands on few followers.
    """
    order = np.argsort(logits, kind="stable")
    blocks = [block for block in np.array_split(order, KNOTS) if len(block)]
    middles = [float(np.median(logits[block])) for block in blocks]
    pooled: list[tuple[float, int]] = []
    sizes: list[int] = []
    for block in blocks:
        value, weight, width = float(labels[block].mean()), len(block), 1
        while pooled and pooled[-1][0] >= value:
            before, size = pooled.pop()
            width += sizes.pop()
            value, weight = (before * size + value * weight) / (size + weight), size + weight
        pooled.append((value, weight))
        sizes.append(width)
    values = np.repeat([value for value, _ in pooled], sizes)
    freed = np.array([corrected(float(value), label_error) for value in values])
    return np.array(middles), np.clip(freed, 0.002, 0.998)
