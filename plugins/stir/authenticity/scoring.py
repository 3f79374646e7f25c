"""Scores followers: columns in, columns out. What the job calls.

The score of a follower depends on its own texts and on its creator's `Sample`, not on the other rows of a call: the
order of rows and the size of a chunk change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from stir.authenticity import names as name_tables
from stir.authenticity import normalise, probability, rules
from stir.authenticity.features import features
from stir.authenticity.names import NameTables
from stir.authenticity.normalise import Texts
from stir.authenticity.probability import Model
from stir.authenticity.samples import Sample
from stir.authenticity.scripts import has_foreign_script
from stir.authenticity.similarity import similarity

INDIA = "IN"
LIKELY_NAME = 80
FUZZY = 90


@dataclass(frozen=True)
class Followers:
    """Edges to score, one place of each column per edge."""

    creator_ids: Sequence[str]
    follower_ids: Sequence[str]
    handles: Sequence[str]
    """Of followers."""
    names: Sequence[str]
    """Of followers, as they were typed; empty where none is known."""

    def __len__(self) -> int:
        return len(self.handles)


@dataclass(frozen=True)
class Scores:
    """Columns of `ds.creator_followers_fake_analysis` after handle, follower_handle and follower_full_name."""

    symbolic_name: list[str]
    transliterated_follower_name: list[str]
    decoded_name: list[str]
    cleaned_handle: list[str]
    cleaned_name: list[str]
    fake_real_based_on_lang: list[int]
    chhitij_logic: list[int]
    number_more_than_4_handle: list[int]
    fake_real_based_on_fuzzy_score_90: list[int]
    process1_: list[int]
    numeric_handle: list[int]
    score_80: list[int]
    number_handle: list[int]
    similarity_score: list[float]
    final_: list[float]
    indian_name_score: list[float]
    probability: list[float | None]
    """That a follower is inauthentic; None where there is too little evidence to say."""
    reasons: list[list[str]]
    """Words of `reasons.REASONS` that speak against a follower, the strongest first."""
    final_v2: list[float | None]
    """Version 2's verdict; None where it cannot judge."""
    rules_version: int
    model_version: int

    def columns(self) -> dict[str, list[object]]:
        """Name to values, in the order of the table; the versions are repeated for each row."""
        size = len(self.symbolic_name)
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value if isinstance(value, list) else [value] * size for name, value in values.items()}


@dataclass(frozen=True)
class Ruled:
    """What the rules of version 1 ask of each pair, and their verdict; shape (n,) each."""

    texts: Texts
    foreign: NDArray[np.bool_]
    digits: NDArray[np.int64]
    separator: NDArray[np.uint8]
    similarity: NDArray[np.float64]
    verdict: NDArray[np.float64]


def judge(handles: Sequence[str], names: Sequence[str]) -> Ruled:
    """Rules of version 1: the original system's, exactly."""
    texts = Texts.of(handles, names)
    alike = similarity(texts.handle_letters, texts.name_letters)
    foreign = np.array([has_foreign_script(each) for each in texts.symbolic], dtype=np.bool_)
    digits = np.array([normalise.count_digits(each) for each in texts.handles], dtype=np.int64)
    has_separator = np.array([any(map(each.__contains__, rules.SEPARATORS)) for each in texts.handles], dtype=np.bool_)
    words = np.array([each.count(" ") + 1 for each in texts.name_letters], dtype=np.int64)
    separator = rules.separator_rule(has_separator, words, alike)
    return Ruled(texts, foreign, digits, separator, alike, rules.verdict_v1(foreign, digits, separator, alike))


class Scorer:
    """Rules, model and tables of names, put together.

    Args:
        names: `names.load(...)`, or `names.NOTHING_LEARNED`.
        model: `probability.load(...)`; without one there are no probabilities and no reasons.
    """

    def __init__(self, names: NameTables, model: Model | None = None) -> None:
        self.names, self.model = names, model

    @classmethod
    def shipped(cls) -> Scorer:
        """With the tables and the model that come with this package, which were fitted together."""
        return cls(name_tables.load(), probability.load())

    def score(self, followers: Followers, samples: Mapping[str, Sample]) -> Scores:
        """Score each edge. `samples` has the whole sample of every creator that occurs.

        Raises:
            KeyError: a creator has no sample.
        """
        found = judge(followers.handles, followers.names)
        indian = [self.names.score(each, INDIA) for each in found.texts.name_letters]
        separator = found.separator.tolist()
        likely, reasons = self._probabilities(found, followers, samples)
        later = rules.judge_v2(found, [samples[creator] for creator in followers.creator_ids])
        return Scores(
            symbolic_name=found.texts.symbolic,
            transliterated_follower_name=found.texts.latin,
            decoded_name=found.texts.ascii,
            cleaned_handle=found.texts.handle_letters,
            cleaned_name=found.texts.name_letters,
            fake_real_based_on_lang=found.foreign.astype(int).tolist(),
            chhitij_logic=separator,
            number_more_than_4_handle=(found.digits > rules.MOST_DIGITS).astype(int).tolist(),
            fake_real_based_on_fuzzy_score_90=(found.similarity <= FUZZY).astype(int).tolist(),
            process1_=separator,
            numeric_handle=[int(each.isdecimal()) for each in found.texts.handles],
            score_80=[int(each > LIKELY_NAME) for each in indian],
            number_handle=found.digits.tolist(),
            similarity_score=found.similarity.tolist(),
            final_=found.verdict.tolist(),
            indian_name_score=indian,
            probability=likely,
            reasons=reasons,
            final_v2=_or_none(later),
            rules_version=rules.V1,
            model_version=self.model.version if self.model else 0,
        )

    def _probabilities(
        self, found: Ruled, followers: Followers, samples: Mapping[str, Sample]
    ) -> tuple[list[float | None], list[list[str]]]:
        if self.model is None:
            return [None] * len(followers), [[] for _ in range(len(followers))]
        shown = features(found.texts, found.similarity, followers.creator_ids, samples, self.names)
        known = probability.has_evidence(found.texts)
        judged = _or_none(self.model.probability(shown, known))
        reasons = self.model.reasons(shown)
        return judged, [each if is_known else [] for each, is_known in zip(reasons, known.tolist(), strict=True)]


def _or_none(values: NDArray[np.float64]) -> list[float | None]:
    return [None if math.isnan(each) else each for each in values.tolist()]
