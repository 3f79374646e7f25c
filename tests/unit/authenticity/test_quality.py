"""Evaluation, fairness and fitting, against values worked out by hand; and what the job may import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from stir.authenticity import evaluate, explain, fairness, fit, labels, listing, names, probability
from stir.cli.score_plot import calibration_svg
from stir.cli.score_quality import evaluate_command, explain_command, fit_command
from stir.errors import StirError
from stir.settings import PROJECT_DIR

from .pairs import pairs

TRUTH_SEERS = {"labels", "fit", "evaluate", "fairness", "explain"}


def test_figures_of_four_followers() -> None:
    truth = np.array([True, True, False, False])
    found = evaluate.quality(np.array([0.9, 0.4, 0.6, 0.1]), truth, threshold=0.5)

    assert (found.precision, found.recall, found.false_alarms) == (0.5, 0.5, 0.5)
    assert found.auc == 0.75
    assert found.brier == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)
    assert found.calibration_error == pytest.approx((0.1 + 0.6 + 0.6 + 0.1) / 4)


def test_the_abstained_are_counted_apart_and_equal_scores_count_half() -> None:
    truth = np.array([True, False, True])
    found = evaluate.quality(np.array([0.5, 0.5, np.nan]), truth)

    assert (found.judged, found.abstained, found.auc) == (2, 1, 0.5)
    assert np.isnan(evaluate.auc(np.array([0.5]), np.array([True])))


def test_false_alarms_are_compared_with_those_of_latin_names() -> None:
    people = ["Anna"] * 200 + ["Анна"] * 100 + ["ليلى"] * 99
    called = np.array([True] * 10 + [False] * 190 + [True] * 10 + [False] * 90 + [True] * 99)
    found = fairness.false_alarms(called, np.zeros(399, dtype=np.bool_), people)

    assert [(each.script, each.real) for each in found] == [("Latin", 200), ("Cyrillic", 100)]
    assert found[1].excess == pytest.approx(5.0)


def test_benefits_make_false_alarms_of_scripts_equal_and_speak_against_nobody() -> None:
    dice = np.random.default_rng(7)
    size = 4000
    groups = np.zeros((size, 3), dtype=np.bool_)
    groups[:1000, 0], groups[1000:2000, 1], groups[2000:2050, 2] = True, True, True
    labels = dice.random(size) < 0.3
    logits = dice.normal(np.where(labels, 1.5, -1.5)) + groups[:, 0] * 1.0 - groups[:, 1] * 1.0
    given = fairness.benefits(logits, logits, groups, labels, 0.0)
    real = ~labels
    usual = (logits > 0)[real & ~groups.any(axis=1)].mean()
    helped = (logits + groups @ given > 0)[real & groups[:, 0]].mean()

    chance = (usual * (1 - usual) / (real & groups[:, 0]).sum()) ** 0.5

    assert given[0] < -0.5
    assert usual - chance - 0.005 < helped <= usual, "a standard error in favour of a small group"
    assert given[1:].tolist() == [0.0, 0.0], "one is accused less often, the other is too small to say"


def made(number: int) -> labels.Labelled:
    """Followers whose numbered handles give the fakes away, and some wrong labels."""
    handles, people = pairs(number, seed=9)
    rows = [
        {
            "creator_id": str(place % 20),
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
    likely = fit.by_fold(prepared, 1, fit.LABEL_ERROR)[1]

    assert first == second
    assert first.version == 7
    probability.save(first, tmp_path / "model.json")
    assert probability.load(tmp_path / "model.json") == first
    assert evaluate.quality(likely, labelled.truth).auc > 0.97
    assert evaluate.recall_by_kind(likely, labelled)["digits"][1] > 0.9


def test_the_order_of_labels_changes_no_fold() -> None:
    assert [fit.fold_of(str(creator), 1) for creator in range(20)] == [fit.fold_of(str(c), 1) for c in range(20)]
    assert {fit.fold_of(str(creator), 1) for creator in range(50)} == set(range(fit.FOLDS))


def test_a_calibration_is_monotone_and_freed_from_the_error_of_labels() -> None:
    logits = np.linspace(-3, 3, 3000)
    dice = np.random.default_rng(4)
    true = dice.random(3000) < fit.sigmoid(logits)
    wrong = true != (dice.random(3000) < 0.1)
    _, values = fit.calibrate(logits, wrong, 0.1)

    assert (np.diff(values) >= 0).all()
    assert np.abs(values - fit.sigmoid(np.linspace(-2.9, 2.9, fit.KNOTS))).mean() < 0.05


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("creator_id,handle,name\n1,a,b\n", "'is_fake' is missing"),
        ("creator_id,handle,name,is_fake\n1,a,b,perhaps\n", "in line 2"),
        ("creator_id,handle,name,is_fake\n", "no labelled follower"),
    ],
)
def test_labels_that_cannot_be_used_are_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)

    with pytest.raises(StirError, match=what):
        labels.read_csv(path)


def _looks_made(handle: str) -> bool:
    """The handles of the made-up pairs that programs make: templates, and names with a long number."""
    return handle.startswith(("user", "qx_")) or handle[-5:].isdecimal()


def test_evaluate_prints_figures_of_a_file_and_draws_the_curve(tmp_path: Path) -> None:
    path, plot = tmp_path / "labels.csv", tmp_path / "curve.svg"
    handles, people = pairs(600, seed=5)
    lines = [
        f'{place % 10},{handle},"{name}",{int(_looks_made(handle))}'
        for place, (handle, name) in enumerate(zip(handles, people, strict=True))
    ]
    path.write_text("creator_id,handle,name,is_fake\n" + "\n".join(lines) + "\n", encoding="utf-8")
    ran = CliRunner().invoke(evaluate_command, ["--labels", str(path), "--plot", str(plot), "--json"])
    report = json.loads(ran.output)

    assert report["followers"] == 600
    assert set(report["quality"]) == {"rules, version 1", "rules, version 2", "model"}
    assert report["quality"]["model"]["auc"] > 0.8
    assert plot.read_text() == calibration_svg(report["calibration"])
    shown = CliRunner().invoke(evaluate_command, ["--labels", str(path)])
    assert shown.exit_code == 0, shown.output
    assert "calibration" in shown.output
    assert not {name for name in people if len(name) > 8 and name in shown.output}


def test_fit_writes_files_that_load(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    handles, people = pairs(500, seed=6)
    lines = [
        f'{place % 25},{handle},"{name}",{int(handle.startswith(("user", "qx")))}'
        for place, (handle, name) in enumerate(zip(handles, people, strict=True))
    ]
    path.write_text("creator_id,handle,name,is_fake\n" + "\n".join(lines) + "\n", encoding="utf-8")
    command = ["--labels", str(path), "--version", "9", "--into", str(tmp_path)]
    assert CliRunner().invoke(fit_command, command).exit_code == 0
    written = [(tmp_path / name).read_bytes() for name in ("model_v3.json", "names_v2.json")]
    assert CliRunner().invoke(fit_command, command).exit_code == 0

    assert [(tmp_path / name).read_bytes() for name in ("model_v3.json", "names_v2.json")] == written
    assert probability.load(tmp_path / "model_v3.json").version == 9
    assert names.load(tmp_path / "names_v2.json").version == 9


def test_explain_gives_each_reason_its_weight() -> None:
    found = explain.explain("user83746512", "Anna Smith", "US")
    weights = {word: weight for word, weight, _ in found.reasons}
    assert weights["digits"] > 0.3
    assert weights["script"] <= 0
    assert found.probability is not None
    assert found.probability > 0.5
    assert list(weights.values()) == sorted(weights.values(), reverse=True)

    ran = CliRunner().invoke(explain_command, ["user83746512", "Anna Smith", "--country", "us"])
    assert ran.exit_code == 0
    assert "digits in the handle: 8" in ran.output
    assert f"{found.probability:.2f}" in ran.output
    assert "too little" in CliRunner().invoke(explain_command, ["anna", "😀"]).output


def test_a_script_that_the_country_does_not_write_is_odd_and_capped() -> None:
    odd, home = explain.explain("eleni.papa", "Ελένη Παπά", "US"), explain.explain("eleni.papa", "Ελένη Παπά", "GR")
    weights = [{word: weight for word, weight, _ in each.reasons}["script"] for each in (odd, home)]

    assert weights[0] > 0.5 > weights[1]
    assert odd.probability is not None
    assert odd.probability <= 0.5


def test_a_names_list_finds_the_nearest_name_as_the_plain_form_does() -> None:
    listed = listing.NameList(["Priya Sharma", "Ananya", "Rahul", "O'Neil"])
    wanted = [
        max(max(listing.likeness(word, name) for name in listed.names) for word in (pair.split()[0], pair.split()[-1]))
        for pair in ("priyaa xyz", "raul oneill", "ananya qqq")
    ]

    assert listed.scores(["priyaa xyz", "raul oneill", "ananya qqq"]).tolist() == pytest.approx(wanted, abs=1e-9)
    assert listed.scores(["", "sharma"]).tolist() == [0.0, 100.0]
    assert listing.NameList([]).scores(["anna"]).tolist() == [0.0]


def test_scoring_imports_nothing_that_sees_labels_and_no_client() -> None:
    code = "import sys, stir.authenticity.scoring, stir.authenticity.shares; print(*sorted(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={"PYTHONPATH": str(PROJECT_DIR / "plugins")},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ran.stdout.split())

    assert "stir.authenticity.scoring" in loaded
    assert not {f"stir.authenticity.{name}" for name in TRUTH_SEERS} & loaded
    assert not {each for each in loaded if each.startswith("stir.world")}
    assert not {"clickhouse_connect", "psycopg", "boto3", "airflow", "dbt"} & loaded
