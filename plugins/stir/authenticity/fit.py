"""Fits the model of `probability` on labelled followers. Never imported by the job.

Everything is measured on creators that a fit has not seen: the followers are divided into folds by creator, and the
calibration and the error of shares come from the folds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.evaluate import by_creator
from stir.authenticity.fairness import benefits
from stir.authenticity.features import FIRST_GROUP, GROUPS, features
from stir.authenticity.labels import Labelled
from stir.authenticity.linear import ROUNDS, Fitted, calibrate, corrected, logistic
from stir.authenticity.names import NameTables
from stir.authenticity.probability import OF_SCRIPTS, THRESHOLD, Model, against, has_evidence
from stir.authenticity.scoring import judge
from stir.authenticity.share_line import estimates, line_of_shares
from stir.errors import StirError

FOLDS = 5
LABEL_ERROR = 0.015
"""Part of the labels that is wrong: 1 to 2 % where people look at accounts."""
EVEN = 5e-3
"""Log odds by which benefits may still change when they are taken as found: false alarms by 0.04 points."""
MANY = 50_000
"""Real followers of a script by which its benefit is measured well. Those of one world share creators and farms, so
it takes more of them than it would of independent ones: those of seven worlds of 12,000 creators in Arabic."""

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
    def of(cls, labelled: Labelled, tables: NameTables, scripts: Collection[str] | None = None) -> Prepared:
        """Compute the features of all followers, or only of those with a name in one of these scripts."""
        chosen = labelled if scripts is None else labelled.written_in(scripts)
        ruled = judge(chosen.followers.handles, chosen.followers.names)
        creators = list(chosen.followers.creator_ids)
        found = features(ruled.texts, ruled.similarity, creators, labelled.samples(set(creators)), tables)
        return cls(chosen, found, has_evidence(ruled.texts), creators)

    def rare_scripts(self) -> set[str]:
        """The scripts of the groups whose real followers are too few here to measure their benefit well."""
        groups = self.features[self.known & ~self.labelled.is_fake, FIRST_GROUP:]
        pairs = zip(GROUPS.values(), groups.sum(axis=0)[: len(GROUPS)], strict=True)
        return {script for scripts, size in pairs if size < MANY for script in scripts}


def fold_of(creator: str, seed: int) -> int:
    """The fold of a creator, 0 to FOLDS - 1; the same in each run."""
    return blake2b(f"{seed}:{creator}".encode(), digest_size=4).digest()[0] % FOLDS


def fit(
    prepared: Prepared,
    *,
    version: int,
    seed: int,
    label_error: float = LABEL_ERROR,
    weights_of: Model | None = None,
    rare: Sequence[Prepared] = (),
) -> Model:
    """The model of all followers, with the calibration and the error of shares that the folds show.

    Args:
        prepared: the followers.
        version: the number that scored rows bear.
        seed: of the folds.
        label_error: the part of the labels that is wrong.
        weights_of: a model whose weights of all but the scripts are kept. Benefits, calibration and shares are measured
            on these followers; without folds, so they should be others than those that the weights were fitted on.
        rare: with `weights_of`, all followers of further creators with a name in scripts that few write: nothing but
            their benefits is measured on them too. The creators are of all countries in proportion, as the others are.

    Raises:
        StirError: the labels are all the same, or those of too few creators to measure on others.
    """
    known, labels = prepared.known, prepared.labelled.is_fake
    _require_both(labels[known])
    if weights_of:
        kept = Fitted.of(weights_of)
        linear, folds = evened(kept, prepared.features[known], labels[known], label_error, rare=rare), None
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
            **({"weights_of": weights_of.fitted_on.get("weights_of", weights_of.version)} if weights_of else {}),
            **({"rare_followers": sum(int(each.known.sum()) for each in rare)} if rare else {}),
        },
    )
    likely = folds.probabilities if folds else model.probability(prepared.features, known)
    line, error = line_of_shares(list(estimates(prepared.labelled, likely, lambda _: model.prior).values()))
    return replace(model, share_line=rounded(line), share_error=round(error, 6))


def rounded(values: Floats) -> list[float]:
    """Six places: the same file on machines whose last bits differ."""
    return [round(float(value), 6) for value in values]


def fitted(found: Floats, labels: Flags, label_error: float, start: Fitted | None = None) -> Fitted:
    """The model of these followers: weights by `logistic`, and of the columns of scripts by `evened`."""
    linear = logistic(found[:, :FIRST_GROUP], labels, start)
    return evened(linear, found, labels, label_error, start)


def evened(
    linear: Fitted,
    found: Floats,
    labels: Flags,
    label_error: float,
    start: Fitted | None = None,
    rare: Sequence[Prepared] = (),
) -> Fitted:
    """A model without the columns of scripts, and for these the weights that make false alarms equal.

    Benefits move the log odds at which the calibrated probability is `THRESHOLD`, and these decide who is called, so
    both are found in turns until they agree.

    Args:
        linear: the model of the columns before `FIRST_GROUP`.
        found: all features, shape (n, len(FEATURES)).
        labels: whether each follower is labelled inauthentic, shape (n,).
        label_error: the part of the labels that is wrong.
        start: where to begin.
        rare: see `fit`.
    """
    parts = [_by_script(linear, each) for each in (found, *(each.features[each.known] for each in rare))]
    logits, groups, _ = parts[0]
    all_groups, least = (np.concatenate([part[place] for part in parts]) for place in (1, 2))
    all_labels = np.concatenate([labels, *(each.labelled.is_fake[each.known] for each in rare)])
    given = start.weights[FIRST_GROUP:] if start else np.zeros(groups.shape[1])
    for _ in range(ROUNDS):
        middles, values = calibrate(logits + groups @ given, labels, label_error)
        threshold = float(np.interp(THRESHOLD, values, middles))
        before, given = given, benefits(least - threshold, all_groups, all_labels, label_error)
        if np.abs(given - before).max() < EVEN:
            break
    none = np.zeros(len(given))
    means, scales = np.append(linear.means, none), np.append(linear.scales, none + 1)
    return Fitted(means, scales, np.append(linear.weights, given), linear.intercept)


def _by_script(linear: Fitted, found: Floats) -> tuple[Floats, Flags, Floats]:
    """Log odds of each follower, its group of scripts, and its log odds without what its script says against it.

    Whom nothing but the script speaks against is not called: see `Model.probability`.
    """
    single, script = found[:, :FIRST_GROUP], OF_SCRIPTS[:FIRST_GROUP]
    logits = linear.logits(single)
    parts = (single[:, script] - linear.means[script]) / linear.scales[script] * linear.weights[script]
    return logits, found[:, FIRST_GROUP:] > 0, logits - against(parts)


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

    `start` saves time: from anywhere the steps come to the same weights, and to benefits that differ by about `EVEN`.

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
