"""The shipped model: script alone, abstaining, reasons, calibration; and shares with their interval."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stir.authenticity import names, probability, shares
from stir.authenticity.features import FEATURES, FIRST_GROUP, GROUPS, OTHERS, REASONS
from stir.authenticity.samples import Sample
from stir.authenticity.scoring import Followers, Scorer, Scores
from stir.errors import StirError

SCORER = Scorer.shipped()


def score(pairs: list[tuple[str, str]], sample: Sample) -> Scores:
    size = len(pairs)
    followers = Followers(["c"] * size, [str(n) for n in range(size)], [h for h, _ in pairs], [n for _, n in pairs])
    return SCORER.score(followers, {"c": sample})


def mixed_sample(pairs: list[tuple[str, str]], country: str) -> Sample:
    firsts = ["Anna", "Olivia", "Emma", "Noah", "Liam", "Jack", "Lucas", "Nora", "Mary", "Ruth"]
    lasts = ["Smith", "Brown", "Taylor", "Jones", "Wilson", "Evans", "Clark", "Hall", "Young", "King"]
    sample = Sample(country)
    sample.add([f"{a} {b}" for a in firsts for b in lasts], [f"{a}{b}".lower() for a in firsts for b in lasts])
    sample.add([name for _, name in pairs], [handle for handle, _ in pairs])
    return sample


@pytest.mark.parametrize("name", ["Ελένη Παππά", "გიორგი", "王伟", "최서윤", "Արամ", "Анна Смирнова", "ليلى", "காவ்யா"])
def test_script_alone_accuses_nobody(name: str) -> None:
    from stir.authenticity.normalise import clean_name

    pairs = [(clean_name(name).replace(" ", "."), name)]
    found = score(pairs, mixed_sample(pairs, "US"))

    assert found.probability[0] is not None
    assert found.probability[0] <= probability.SCRIPT_ALONE <= 0.5


def test_any_weight_of_the_script_is_kept_at_the_cap() -> None:
    assert SCORER.model is not None
    weights = [10.0 if reason == "script" else 0.0 for reason in FEATURES.values()]
    model = replace(SCORER.model, weights=weights, intercept=-1.0)
    odd = np.array([[1.0 if reason == "script" else 0.0 for reason in FEATURES.values()]])

    assert model.probability(odd, np.array([True])).tolist() == [probability.SCRIPT_ALONE]


def test_what_makes_scripts_equal_counts_where_a_script_is_held_down_too() -> None:
    """Real followers of all scripts get log odds in their favour. Without these, a name in Georgian alone got 0.78."""
    assert SCORER.model is not None
    places = {name: place for place, name in enumerate(FEATURES)}
    weights = np.where(np.arange(len(FEATURES)) < FIRST_GROUP, 0.0, -3.0)
    weights[places["odd_script"]] = 10.0
    model = replace(
        SCORER.model, means=[0.0] * len(FEATURES), scales=[1.0] * len(FEATURES), weights=weights.tolist(),
        intercept=1.0, logits=[-3.0, 3.0], probabilities=[0.0, 1.0],
    )  # fmt: skip
    odd = np.zeros((len(GROUPS) + 1, len(FEATURES)))
    odd[:, places["odd_script"]] = 1.0
    odd[:, FIRST_GROUP:] = np.eye(len(GROUPS) + 1)

    assert places[f"names_in_{OTHERS}"] == len(FEATURES) - 1
    assert model.probability(odd, np.ones(len(odd), dtype=np.bool_)).tolist() == [probability.SCRIPT_ALONE] * len(odd)


def test_without_letters_the_model_abstains() -> None:
    pairs = [("anna", "😀"), ("1234", "Anna"), ("anna", "")]
    found = score(pairs, mixed_sample(pairs, "US"))

    assert found.probability == [None] * 3
    assert found.reasons == [[], [], []]


def test_each_kind_of_fake_has_its_reason_and_people_have_a_low_probability() -> None:
    pairs = [("user83746512", "Anna Smith"), ("qzxkbhdc_9f3e2a1", "Anna Smith"), ("anna.smith", "Anna Smith")]
    farm = [(f"oliviabrown{number}", "Olivia Brown") for number in range(2301, 2309)]
    found = score([*pairs, *farm], mixed_sample([*pairs, *farm], "US"))
    likely = [each or 0.0 for each in found.probability]

    assert "digits" in found.reasons[0]
    assert "random_handle" in found.reasons[1] or "similarity" in found.reasons[1]
    assert "namesakes" in found.reasons[3]
    assert likely[2] < 0.2
    assert min(likely[0], likely[1], *likely[3:]) > 0.5


def test_reasons_are_known_words_and_add_up_to_the_log_odds() -> None:
    assert SCORER.model is not None
    shown = np.random.default_rng(1).random((20, len(FEATURES)))
    parts = SCORER.model.by_reason(shown)

    assert set(parts) == set(REASONS) == set(FEATURES.values())
    assert np.allclose(sum(parts.values()), SCORER.model.contributions(shown).sum(axis=1))
    assert {each for row in SCORER.model.reasons(shown) for each in row} <= set(REASONS)


def test_the_shipped_files_are_of_this_version_and_hold_counts_alone(tmp_path: Path) -> None:
    model, tables = probability.load(), names.load()
    seen = [pair for table in tables.counts.values() for pair in table.items()]
    assert model.probabilities == sorted(model.probabilities)
    assert all(len(trigram) == 3 and count >= names.FEWEST_SEEN for trigram, count in seen)
    probability.save(model, tmp_path / "model.json")
    names.save(tables, tmp_path / "names.json")

    assert (tmp_path / "model.json").read_text() == probability.SHIPPED.read_text()
    assert (tmp_path / "names.json").read_text() == names.SHIPPED.read_text()


def test_a_model_of_other_features_is_refused(tmp_path: Path) -> None:
    content = json.loads(probability.SHIPPED.read_text())
    path = tmp_path / "model.json"
    path.write_text(json.dumps({**content, "features": ["height"]}))

    with pytest.raises(StirError, match="the model cannot be read"):
        probability.load(path)
    with pytest.raises(StirError, match="tables of names cannot be read"):
        names.load(path)


def made(share: float, size: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Probabilities that are exactly calibrated where half are inauthentic: of scores drawn from two bells."""
    dice = np.random.default_rng(seed)
    fake = dice.random(size) < share
    scores = dice.normal(np.where(fake, 1.0, -1.0))
    return 1 / (1 + np.exp(-2 * scores))


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_intervals_of_exact_probabilities_hold_the_share_nine_times_in_ten(share: float) -> None:
    exact = replace(probability.load(), prior=0.5, share_line=[0.0, 1.0], share_error=0.0)
    found = [shares.share_of(made(share, 400, seed), exact) for seed in range(80)]
    held = np.mean([each is not None and each.low <= share <= each.high for each in found])
    middle = np.mean([each.share for each in found if each])

    assert 0.82 <= held <= 0.97
    assert abs(middle - share) < 0.015


def test_a_share_needs_followers_and_ignores_their_order_and_the_abstained() -> None:
    model, values = probability.load(), made(0.3, 200, 1)
    whole = shares.share_of(values, model)
    with_unknown = shares.share_of(np.concatenate([[np.nan], values[::-1], [np.nan]]), model)

    assert whole == with_unknown
    assert whole is not None
    assert 0 <= whole.low < whole.share < whole.high <= 1
    assert whole.sample_size == 200
    assert shares.share_of(values[: shares.FEWEST - 1], model) is None
    assert shares.share_of(np.full(100, np.nan), model) is None
