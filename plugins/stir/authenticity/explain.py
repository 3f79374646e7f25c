"""Why a follower gets its verdict and its probability: each reason with its weight, so that it can be contested."""

from __future__ import annotations

import math
from dataclasses import dataclass

from stir.authenticity import names as name_tables
from stir.authenticity import probability, rules
from stir.authenticity.features import REASONS, USUAL_SIZE, features
from stir.authenticity.samples import Sample
from stir.authenticity.scoring import judge
from stir.authenticity.scripts import HOME, LATIN, script_of

VERDICTS = {rules.REAL: "real", rules.WEAK: "weak", rules.FAKE: "fake"}
SEPARATOR = {rules.BROKEN: "broken", rules.KEPT: "kept", rules.CANNOT_SAY: "no separator"}


@dataclass(frozen=True)
class Explanation:
    """What rules and model say of one handle and name.

    Attributes:
        rules: a line for each rule, and the verdict.
        reasons: (word, log odds that it adds to those of a mean follower, what it is about), the strongest first.
        probability: None where the model abstains.
        prior: the probability without any evidence.
        is_capped: whether it is held down because the script stands by itself.
    """

    rules: list[str]
    reasons: list[tuple[str, float, str]]
    probability: float | None
    prior: float
    is_capped: bool


def explain(handle: str, name: str, country: str | None = None) -> Explanation:
    """Explain a follower in a sample of usual size in which nobody else has its name.

    Args:
        country: code of the creator's country; with it, a script that is not written there is odd.
    """
    found, model = judge([handle], [name]), probability.load()
    script = script_of(found.texts.symbolic[0])
    sample = Sample.of([name], [handle], country)
    if country and script not in HOME.get(country, ()):
        sample.scripts[LATIN] += USUAL_SIZE - 1
    sample.size = USUAL_SIZE
    shown = features(found.texts, found.similarity, ["-"], {"-": sample}, name_tables.load())
    later = float(rules.judge_v2(found, [sample])[0])
    known = probability.has_evidence(found.texts)
    value = float(model.probability(shown, known)[0])
    weights = {reason: float(parts[0]) for reason, parts in model.by_reason(shown).items()}
    uncapped = float(model.calibrated(model.intercept + model.contributions(shown).sum(axis=1))[0])
    return Explanation(
        [
            f"likeness of handle and name: {found.similarity[0]:.1f} (0 is unknown)",
            f"script: {script or 'no letters'}{', foreign to the original rules' if found.foreign[0] else ''}",
            f"digits in the handle: {found.digits[0]} (more than {rules.MOST_DIGITS} break a rule)",
            f"separator rule: {SEPARATOR[int(found.separator[0])]}",
            f"rules, version {rules.V1}: {VERDICTS[float(found.verdict[0])]}",
            f"rules, version {rules.V2}: {'cannot be judged' if math.isnan(later) else VERDICTS[later]}",
        ],
        [(word, weight, REASONS[word]) for word, weight in sorted(weights.items(), key=lambda pair: -pair[1])],
        value if known[0] else None,
        model.prior,
        bool(known[0]) and uncapped > value,
    )
