"""Fits the model of `probability` on labelled followers. Never imported by the job.

Everything is measured on creators that a fit has not seen: the followers are divided into folds by creator, and the
calibration and the error of shares come from the folds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.evaluate import by_creator
from stir.authenticity.fairness import benefits
from stir.authenticity.features import FEATURES, FIRST_BENEFIT, features
from stir.authenticity.labels import Labelled
from stir.authenticity.names import NameTables
from stir.authenticity.probability import THRESHOLD, Model, has_evidence
from stir.authenticity.scoring import judge
from stir.authenticity.shares import FEWEST, LEVEL, NORMAL_90, estimate

FOLDS = 5
LABEL_ERROR = 0.015
"""Part of the labels that is wrong: 1 to 2 % where people look at accounts."""
PENALTY = 3.0
KNOTS = 30
FEWEST_CREATORS = 20
"""Fewest creators that a line of shares is fitted to."""
USUAL_ERROR = 0.03
TINY = 1e-4
_ROUNDS = 50

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Prepared:
    """Features and labels of the followers that can be judged. `known` has a place for each follower."""

    labelled: Labelled
    features: Floats
    known: Flags
    creators: list[str]

    @classmethod
    def of(cls, labelled: Labelled, tables: NameTables) -> Prepared:
        """Compute the features of all followers."""
        ruled = judge(labelled.followers.handles, labelled.followers.names)
        creators = list(labelled.followers.creator_ids)
        found = features(ruled.texts, ruled.similarity, creators, labelled.samples(), tables)
        return cls(labelled, found, has_evidence(ruled.texts), creators)


def fold_of(creator: str, seed: int) -> int:
    """The fold of a creator, 0 to FOLDS - 1; the same in each run."""
    return blake2b(f"{seed}:{creator}".encode(), digest_size=4).digest()[0] % FOLDS


def fit(prepared: Prepared, *, version: int, seed: int, label_error: float = LABEL_ERROR) -> Model:
    """The model of all followers, with the calibration and the error of shares that the folds show."""
    known, labels = prepared.known, prepared.labelled.is_fake
    means, scales, weights, intercept = fitted(prepared.features[known], labels[known], label_error)
    logits, probabilities = by_fold(prepared, seed, label_error)
    knots = calibrate(logits[known], labels[known], label_error)
    prior = round(corrected(float(labels[known].mean()), label_error), 6)
    line, error = line_of_shares(prepared, probabilities, prior)
    about = {"followers": int(known.sum()), "creators": len(set(prepared.creators)), "seed": seed}
    return Model(
        version,
        prior,
        round(intercept, 6),
        rounded(means),
        rounded(scales),
        rounded(weights),
        rounded(knots[0]),
        rounded(knots[1]),
        rounded(line),
        round(error, 6),
        {**about, "label_error": label_error},
    )


def rounded(values: Floats) -> list[float]:
    """Six places: the same file on machines whose last bits differ."""
    return [round(float(value), 6) for value in values]


def fitted(found: Floats, labels: Flags, label_error: float) -> tuple[Floats, Floats, Floats, float]:
    """What `logistic` finds without the columns of scripts, and their weights, which make false alarms equal."""
    single = found[:, :FIRST_BENEFIT]
    means, scales, weights, intercept = logistic(single, labels)
    logits = intercept + (single - means) / scales @ weights
    script = np.array([reason == "script" for reason in list(FEATURES.values())[:FIRST_BENEFIT]])
    without = logits - (single - means)[:, script] / scales[script] @ weights[script]
    middles, values = calibrate(logits, labels, label_error)
    threshold = float(np.interp(THRESHOLD, values, middles))
    given = benefits(logits, without, found[:, FIRST_BENEFIT:] > 0, labels, threshold)
    none = np.zeros(len(given))
    return np.append(means, none), np.append(scales, none + 1), np.append(weights, given), intercept


def logistic(found: Floats, labels: Flags) -> tuple[Floats, Floats, Floats, float]:
    """Means, scales and weights of the features, and the intercept, by Newton's method with a penalty."""
    means, scales = found.mean(axis=0), found.std(axis=0)
    scales[scales < TINY] = 1.0  # a constant, whose deviation is rounding
    columns = np.column_stack([np.ones(len(found)), (found - means) / scales])
    penalty = np.diag([0.0, *[PENALTY] * found.shape[1]])
    weights = np.zeros(columns.shape[1])
    target = labels.astype(np.float64)
    for _ in range(_ROUNDS):
        expected = sigmoid(columns @ weights)
        slope = columns.T @ (expected - target) + penalty @ weights
        curve = (columns * (expected * (1 - expected))[:, None]).T @ columns + penalty
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-8:
            break
    return means, scales, weights[1:], float(weights[0])


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-x)), for any x."""
    found: Floats = 0.5 * (1 + np.tanh(0.5 * values))
    return found


def by_fold(prepared: Prepared, seed: int, label_error: float) -> tuple[Floats, Floats]:
    """Log odds and probability of each follower by a model that has not seen its creator; NaN where it cannot judge."""
    folds = np.array([fold_of(creator, seed) for creator in prepared.creators])
    logits, found = np.full(len(folds), np.nan), np.full(len(folds), np.nan)
    labels = prepared.labelled.is_fake
    for fold in range(FOLDS):
        rest, here = prepared.known & (folds != fold), prepared.known & (folds == fold)
        if not rest.any() or not here.any():
            continue
        means, scales, weights, intercept = fitted(prepared.features[rest], labels[rest], label_error)
        inner = intercept + (prepared.features[rest] - means) / scales @ weights
        knots = calibrate(inner, labels[rest], label_error)
        prior = corrected(float(labels[rest].mean()), label_error)
        lists = [rounded(each) for each in (means, scales, weights, *knots)]
        model = Model(0, prior, intercept, lists[0], lists[1], lists[2], lists[3], lists[4], [0.0, 1.0], 0.0, {})
        logits[here] = intercept + model.contributions(prepared.features[here]).sum(axis=1)
        found[here] = model.probability(prepared.features[here], np.ones(int(here.sum()), dtype=np.bool_))
    return logits, found


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


def line_of_shares(prepared: Prepared, probabilities: Floats, prior: float) -> tuple[Floats, float]:
    """Intercept and slope from estimated to true shares, and the model's error with which 90 % of intervals hold those.

    True are the shares of all followers where they are known, else those of the labels in the sample.
    """
    estimates: list[tuple[float, float]] = []
    wanted: list[float] = []
    for places in by_creator(prepared.creators).values():
        known = probabilities[places][~np.isnan(probabilities[places])]
        if len(known) >= FEWEST:
            estimates.append(estimate(known, prior))
            share = float(prepared.labelled.shares[places[0]])
            wanted.append(float(prepared.labelled.is_fake[places].mean()) if math.isnan(share) else share)
    if len(wanted) < FEWEST_CREATORS:
        return np.array([0.0, 1.0]), USUAL_ERROR
    found, sampling = np.array(estimates).T
    true = np.array(wanted)
    line = np.linalg.lstsq(np.column_stack([np.ones(len(found)), found]), true, rcond=None)[0]
    missed = np.abs(line[0] + line[1] * found - true) / NORMAL_90
    # An interval holds the true share if its spread is as large as what it misses by.
    needed = np.sqrt(np.maximum(0.0, missed**2 - (line[1] * sampling) ** 2))
    return line, float(np.quantile(needed, LEVEL))
