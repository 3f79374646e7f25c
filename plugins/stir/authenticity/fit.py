"""Fits the model of `probability` on labelled followers. Never imported by the job.

Everything is measured on creators that a fit has not seen: the followers are divided into folds by creator, and the
calibration and the error of shares come from the folds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.evaluate import by_creator
from stir.authenticity.fairness import benefits
from stir.authenticity.features import FEATURES, FIRST_GROUP, features
from stir.authenticity.labels import Labelled
from stir.authenticity.names import NameTables
from stir.authenticity.probability import THRESHOLD, Model, has_evidence
from stir.authenticity.scoring import judge
from stir.authenticity.share_line import estimates, line_of_shares
from stir.errors import StirError

FOLDS = 5
LABEL_ERROR = 0.015
"""Part of the labels that is wrong: 1 to 2 % where people look at accounts."""
PENALTY = 3.0
KNOTS = 30
TINY = 1e-4
ENOUGH = 1e-5
"""A step of Newton's method after which its error, about the square of the step, is below the places of a file."""
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


def fit(
    prepared: Prepared, *, version: int, seed: int, label_error: float = LABEL_ERROR, weights_of: Model | None = None
) -> Model:
    """The model of all followers, with the calibration and the error of shares that the folds show.

    Args:
        prepared: the followers.
        version: the number that scored rows bear.
        seed: of the folds.
        label_error: the part of the labels that is wrong.
        weights_of: a model whose weights of all but the scripts are kept. Benefits, calibration and shares are measured
            on these followers; without folds, so they should be others than those that the weights were fitted on.

    Raises:
        StirError: the labels are all the same, or those of too few creators to measure on others.
    """
    known, labels = prepared.known, prepared.labelled.is_fake
    _require_both(labels[known])
    if weights_of:
        kept = Fitted.of(weights_of)
        linear, folds = evened(kept, prepared.features[known], labels[known], label_error), None
        logits = linear.logits(prepared.features)
    else:
        linear = fitted(prepared.features[known], labels[known], label_error)
        folds = by_fold(prepared, seed, label_error, linear)
        logits = folds.logits
    knots = calibrate(logits[known], labels[known], label_error)
    model = Model(
        version,
        round(corrected(float(labels[known].mean()), label_error), 6),
        round(linear.intercept, 6),
        rounded(linear.means),
        rounded(linear.scales),
        rounded(linear.weights),
        rounded(knots[0]),
        rounded(knots[1]),
        [0.0, 1.0],
        0.0,
        {
            "followers": int(known.sum()),
            "creators": len(set(prepared.creators)),
            "seed": seed,
            "label_error": label_error,
            **({"weights_of": weights_of.version} if weights_of else {}),
        },
    )
    likely = folds.probabilities if folds else model.probability(prepared.features, known)
    line, error = line_of_shares(list(estimates(prepared.labelled, likely, lambda _: model.prior).values()))
    return replace(model, share_line=rounded(line), share_error=round(error, 6))


def rounded(values: Floats) -> list[float]:
    """Six places: the same file on machines whose last bits differ."""
    return [round(float(value), 6) for value in values]


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


def fitted(found: Floats, labels: Flags, label_error: float, start: Fitted | None = None) -> Fitted:
    """The model of these followers: weights by `logistic`, and of the columns of scripts by `evened`."""
    linear = logistic(found[:, :FIRST_GROUP], labels, start)
    return evened(linear, found, labels, label_error, start)


def evened(linear: Fitted, found: Floats, labels: Flags, label_error: float, start: Fitted | None = None) -> Fitted:
    """A model without the columns of scripts, and for these the weights that make false alarms equal.

    Benefits move the log odds at which the calibrated probability is `THRESHOLD`, and these decide who is called, so
    both are found in turns until they agree.

    Args:
        linear: the model of the columns before `FIRST_GROUP`.
        found: all features, shape (n, len(FEATURES)).
        labels: whether each follower is labelled inauthentic, shape (n,).
        label_error: the part of the labels that is wrong.
        start: where to begin.
    """
    single, groups = found[:, :FIRST_GROUP], found[:, FIRST_GROUP:] > 0
    logits = linear.logits(single)
    script = np.array([reason == "script" for reason in list(FEATURES.values())[:FIRST_GROUP]])
    without = logits - ((single - linear.means) / linear.scales)[:, script] @ linear.weights[script]
    given = start.weights[FIRST_GROUP:] if start else np.zeros(groups.shape[1])
    for _ in range(_ROUNDS):
        middles, values = calibrate(logits + groups @ given, labels, label_error)
        threshold = float(np.interp(THRESHOLD, values, middles))
        margins = np.where(without > threshold, logits - threshold, -np.inf)
        before, given = given, benefits(margins, groups, labels, label_error)
        if np.abs(given - before).max() < TINY:
            break
    none = np.zeros(len(given))
    means, scales = np.append(linear.means, none), np.append(linear.scales, none + 1)
    return Fitted(means, scales, np.append(linear.weights, given), linear.intercept)


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
    for _ in range(_ROUNDS):
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


@dataclass(frozen=True)
class ByFold:
    """What models say that have not seen the creator of whom they say it.

    Attributes:
        logits: log odds of each follower, shape (n,); NaN where the model cannot judge.
        probabilities: the same as probabilities.
        models: of each fold, fitted on all others; without a line of shares.
    """

    logits: Floats
    probabilities: Floats
    models: dict[int, Model]


def by_fold(prepared: Prepared, seed: int, label_error: float, start: Fitted | None = None) -> ByFold:
    """Judge each follower by a model that was fitted on the creators of the other folds.

    `start` saves time and changes nothing: from anywhere the steps come to the same weights.

    Raises:
        StirError: see `fit`.
    """
    folds = np.array([fold_of(creator, seed) for creator in prepared.creators])
    found = ByFold(np.full(len(folds), np.nan), np.full(len(folds), np.nan), {})
    for fold in sorted(set(folds[prepared.known].tolist())):
        here = prepared.known & (folds == fold)
        model = _without(prepared, folds == fold, label_error, start)
        found.logits[here] = model.intercept + model.contributions(prepared.features[here]).sum(axis=1)
        found.probabilities[here] = model.probability(prepared.features[here], np.ones(here.sum(), dtype=np.bool_))
        found.models[fold] = model
    if not found.models:
        raise StirError("no follower can be judged: names or handles have no letters", do="give followers with names")
    return found


def _without(prepared: Prepared, left_out: Flags, label_error: float, start: Fitted | None) -> Model:
    """The model of all followers that are not left out, without a line of shares."""
    rest = prepared.known & ~left_out
    labels = prepared.labelled.is_fake[rest]
    _require_both(labels)
    linear = fitted(prepared.features[rest], labels, label_error, start)
    knots = calibrate(linear.logits(prepared.features[rest]), labels, label_error)
    prior = corrected(float(labels.mean()), label_error)
    lists = [rounded(each) for each in (linear.means, linear.scales, linear.weights, *knots)]
    return Model(0, prior, linear.intercept, lists[0], lists[1], lists[2], lists[3], lists[4], [0.0, 1.0], 0.0, {})


def with_shares(prepared: Prepared, found: ByFold, seed: int) -> dict[str, Model]:
    """Creator to the model of its fold, with a line of shares that was measured on the creators of the others."""
    models = {creator: found.models[fold_of(creator, seed)] for creator in by_creator(prepared.creators)}
    known = estimates(prepared.labelled, found.probabilities, lambda creator: models[creator].prior)
    for fold, model in found.models.items():
        line, error = line_of_shares([each for creator, each in known.items() if fold_of(creator, seed) != fold])
        fitted_here = replace(model, share_line=rounded(line), share_error=error)
        models |= {creator: fitted_here for creator in models if fold_of(creator, seed) == fold}
    return models


def _require_both(labels: Flags) -> None:
    if not len(labels):
        raise StirError("no follower can be judged by others", do="give followers with names, of several creators")
    if not labels.any() or labels.all():
        raise StirError(
            "a model cannot be fitted: in some part of the creators no follower is labelled "
            + ("real" if labels.any() else "inauthentic"),
            do="give labels of both kinds for several creators",
        )


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
