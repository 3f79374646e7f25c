"""How a model is fitted: by folds of creators, reproducibly, and never on what it is measured by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from stir.authenticity import evaluate, fit, labels, linear, names, probability, shares
from stir.authenticity.features import FEATURES, FIRST_GROUP, GROUPS
from stir.authenticity.scoring import Followers
from stir.cli.score_fit import fit_command
from stir.errors import StirError

from .pairs import pairs


def made(number: int) -> labels.Labelled:
    """Followers whose numbered handles give the fakes away, and some wrong labels."""
    handles, people = pairs(number, seed=9)
    rows = [
        {
            "creator_id": str(place % 20),
            "follower_id": str(place),
            "handle": handle,
            "name": name,
            "is_fake": str(int((handle.startswith("user")) != (place % 60 == 7))),
            "truth": str(int(handle.startswith("user"))),
            "kind": "digits" if handle.startswith("user") else "",
            "country": "IN",
        }
        for place, (handle, name) in enumerate(zip(handles, people, strict=True))
    ]
    return labels.from_rows(rows, "made")


def test_a_fit_is_reproducible_and_finds_what_gives_fakes_away(tmp_path: Path) -> None:
    labelled = made(800)
    tables = labelled.names(7)
    prepared = fit.Prepared.of(labelled, tables)
    first, second = (fit.fit(prepared, version=7, seed=1) for _ in range(2))
    likely = fit.by_fold(prepared, 1, fit.LABEL_ERROR).probabilities

    assert first == second
    assert first.version == 7
    probability.save(first, tmp_path / "model.json")
    assert probability.load(tmp_path / "model.json") == first
    assert evaluate.quality(likely, labelled.truth).auc > 0.97
    assert evaluate.recall_by_kind(likely, labelled)["digits"][1] > 0.9


def test_a_fold_is_judged_without_its_own_labels() -> None:
    labelled = made(800)
    tables = labelled.names(7)
    others = [fit.fold_of(creator, 1) != 0 for creator in labelled.followers.creator_ids]
    lied = replace(labelled, is_fake=np.where(others, labelled.is_fake, ~labelled.is_fake))
    honest, lies = (fit.by_fold(fit.Prepared.of(each, tables), 1, fit.LABEL_ERROR) for each in (labelled, lied))

    assert 0 < sum(others) < len(others)
    assert np.array_equal(honest.logits[~np.array(others)], lies.logits[~np.array(others)], equal_nan=True)
    assert not np.array_equal(honest.logits[others], lies.logits[others], equal_nan=True)


def test_the_line_of_shares_of_a_fold_is_measured_on_the_others() -> None:
    dice = np.random.default_rng(3)
    creators = [f"{creator}" for creator in range(60) for _ in range(shares.FEWEST)]
    fake = dice.random(len(creators)) < 0.3
    labelled = labels.Labelled(
        Followers(creators, creators, creators, creators), fake, fake, creators, [None] * len(creators),
        np.repeat(dice.random(60), shares.FEWEST),
    )  # fmt: skip
    prepared = fit.Prepared(labelled, np.zeros((len(creators), 0)), np.ones(len(creators), dtype=np.bool_), creators)
    exact = replace(probability.load(), prior=0.3)
    found = fit.ByFold(dice.random(len(creators)), dice.random(len(creators)), dict.fromkeys(range(fit.FOLDS), exact))
    here = np.array([fit.fold_of(creator, 1) == 0 for creator in creators])
    other = replace(prepared, labelled=replace(labelled, shares=np.where(here, 0.9, labelled.shares)))
    before, after = (fit.with_shares(each, found, 1) for each in (prepared, other))

    for creator in before:
        is_same = before[creator].share_line == after[creator].share_line
        assert is_same == (fit.fold_of(creator, 1) == 0)


@pytest.mark.parametrize(("label", "what"), [("0", "inauthentic"), ("1", "real")])
def test_labels_of_one_kind_fit_no_model(label: str, what: str) -> None:
    rows = [{"creator_id": str(n % 9), "handle": f"anna{n}", "name": "Anna", "is_fake": label} for n in range(90)]
    labelled = labels.from_rows(rows, "made")

    with pytest.raises(StirError, match=f"no follower is labelled {what}"):
        fit.fit(fit.Prepared.of(labelled, names.NOTHING_LEARNED), version=1, seed=1)


def test_followers_without_letters_fit_no_model() -> None:
    rows = [{"creator_id": str(n), "handle": str(n), "name": "🔥", "is_fake": str(n % 2)} for n in range(9)]

    with pytest.raises(StirError, match="no follower can be judged"):
        fit.fit(fit.Prepared.of(labels.from_rows(rows, "made"), names.NOTHING_LEARNED), version=1, seed=1)


def in_scripts(sizes: dict[str, int], moved: dict[str, float], seed: int) -> fit.Prepared:
    """Followers of one script each, whose only sign is how little their handle is like their name."""
    dice = np.random.default_rng(seed)
    scripts = np.repeat(list(sizes), list(sizes.values()))
    fake = dice.random(len(scripts)) < 0.3
    shown = np.zeros((len(scripts), len(FEATURES)))
    shown[:, 0] = dice.normal(np.where(fake, 1.5, -1.5)) + np.array([moved.get(each, 0.0) for each in scripts])
    shown[:, FIRST_GROUP:] = scripts[:, None] == np.array([*GROUPS, "others"])
    texts = [""] * len(scripts)
    labelled = labels.Labelled(
        Followers(texts, texts, texts, texts), fake, fake, texts, [None] * len(texts), np.zeros(len(texts))
    )
    return fit.Prepared(labelled, shown, np.ones(len(texts), dtype=np.bool_), texts)


def test_benefits_of_rare_scripts_are_measured_on_further_followers() -> None:
    base = in_scripts({"Latin": 12_000, "Greek": 80_000, "Gurmukhi": 400, "Tamil": 200}, {"Gurmukhi": 0.8}, 1)
    further = [in_scripts({"Gurmukhi": 8000}, {"Gurmukhi": 0.8}, seed) for seed in (2, 3)]
    one = linear.Fitted(np.zeros(FIRST_GROUP), np.ones(FIRST_GROUP), np.eye(FIRST_GROUP)[0], 0.0)
    without, both = (
        fit.evened(one, base.features, base.labelled.is_fake, 0.0, rare=rare).weights[FIRST_GROUP:]
        for rare in ([], further)
    )
    places = {name: place for place, name in enumerate(GROUPS)}

    assert base.rare_scripts() == {script for scripts in GROUPS.values() for script in scripts} - {"Greek"}
    assert without[places["Gurmukhi"]] == without[places["Tamil"]], "too few to measure: the mean of the others"
    assert both[places["Gurmukhi"]] == pytest.approx(both[places["Latin"]] - 0.8, abs=0.1)
    assert max(both) <= 0


def test_the_order_of_labels_changes_no_fold() -> None:
    assert [fit.fold_of(str(creator), 1) for creator in range(20)] == [fit.fold_of(str(c), 1) for c in range(20)]
    assert {fit.fold_of(str(creator), 1) for creator in range(50)} == set(range(fit.FOLDS))


def test_a_calibration_is_monotone_and_freed_from_the_error_of_labels() -> None:
    logits = np.linspace(-3, 3, 3000)
    dice = np.random.default_rng(4)
    true = dice.random(3000) < linear.sigmoid(logits)
    wrong = true != (dice.random(3000) < 0.1)
    _, values = linear.calibrate(logits, wrong, 0.1)

    assert (np.diff(values) >= 0).all()
    assert np.abs(values - linear.sigmoid(np.linspace(-2.9, 2.9, linear.KNOTS))).mean() < 0.05


def labels_file(folder: Path) -> Path:
    path = folder / "labels.csv"
    handles, people = pairs(500, seed=6)
    lines = [
        f'{place % 25},{place},{handle},"{name}",{int(handle.startswith(("user", "qx")))}'
        for place, (handle, name) in enumerate(zip(handles, people, strict=True))
    ]
    path.write_text("creator_id,follower_id,handle,name,is_fake\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_fit_writes_files_that_load(tmp_path: Path) -> None:
    path = labels_file(tmp_path)
    command = ["--labels", str(path), "--version", "9", "--into", str(tmp_path)]
    assert CliRunner().invoke(fit_command, command).exit_code == 0
    written = [(tmp_path / name).read_bytes() for name in ("model_v4.json", "names_v2.json")]
    assert CliRunner().invoke(fit_command, command).exit_code == 0

    assert [(tmp_path / name).read_bytes() for name in ("model_v4.json", "names_v2.json")] == written
    assert probability.load(tmp_path / "model_v4.json").version == 9
    assert names.load(tmp_path / "names_v2.json").version == 9


def test_kept_weights_are_those_of_the_model_that_they_were_fitted_for(tmp_path: Path) -> None:
    path = labels_file(tmp_path)
    command = ["--labels", str(path), "--version", "9", "--into", str(tmp_path), "--scripts-from", str(path)]
    refused = CliRunner().invoke(fit_command, command)
    assert isinstance(refused.exception, StirError)
    assert "--keep-weights" in str(refused.exception)
    assert CliRunner().invoke(fit_command, [*command, "--keep-weights"]).exit_code == 0
    shipped, kept = probability.load(), probability.load(tmp_path / "model_v4.json")

    assert kept.weights[:FIRST_GROUP] == shipped.weights[:FIRST_GROUP]
    assert kept.fitted_on["weights_of"] == shipped.fitted_on["weights_of"] != shipped.version
    assert 0 < int(str(kept.fitted_on["rare_followers"])) < int(str(kept.fitted_on["followers"]))
