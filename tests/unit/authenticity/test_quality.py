"""Evaluation, fairness and fitting, against values worked out by hand; and what the job may import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from stir.authenticity import evaluate, explain, fairness, listing
from stir.cli.score_plot import calibration_svg
from stir.cli.score_quality import evaluate_command, explain_command
from stir.errors import StirError
from stir.settings import PROJECT_DIR

from .pairs import pairs

TRUTH_SEERS = {"labels", "fit", "linear", "share_line", "evaluate", "fairness", "explain"}


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


def rates_of_the_real(called: fairness.Flags, groups: fairness.Flags, fake: fairness.Flags) -> list[float]:
    return [float(called[group & ~fake].mean()) for group in groups.T]


@pytest.mark.parametrize("label_error", [0.0, 0.1])
def test_benefits_bring_all_scripts_to_the_one_whose_real_followers_are_called_least(label_error: float) -> None:
    """Also where half of a script's followers are inauthentic, so that many of its labels "real" are wrong."""
    dice = np.random.default_rng(7)
    size = 120_000
    group_of = np.minimum(dice.integers(0, 6, size), 3)
    groups = group_of[:, None] == np.arange(4)
    groups[np.flatnonzero(groups[:, 2])[500:], 2] = False
    fake = dice.random(size) < np.array([0.2, 0.5, 0.3, 0.3])[group_of]
    labels = fake != (dice.random(size) < label_error)
    margins = dice.normal(np.where(fake, 1.5, -1.5)) + np.array([0.0, 0.6, 0.0, 0.3])[group_of]
    given = fairness.benefits(margins, groups, labels, label_error)
    before, after = (rates_of_the_real(each > 0, groups, fake) for each in (margins, margins + groups @ given))

    assert before[1] > before[0] + 0.08
    assert given[0] == pytest.approx(0.0, abs=0.02)
    assert [after[1], after[3]] == pytest.approx([before[0]] * 2, abs=0.01)
    assert given[2] == pytest.approx(np.mean(given[[0, 1, 3]])), "too few to measure: the mean of the others"
    assert max(given) <= 0, "no script speaks against anybody"


def test_whom_no_script_may_accuse_is_not_counted_as_called() -> None:
    """Minus infinity: the cap on what a script does by itself holds them, so nobody else pays for them."""
    margins = np.concatenate([np.full(3000, -np.inf), np.linspace(-1, 1, 3000), np.linspace(-1, 3, 6000)])
    groups = (np.arange(12_000) < 6000)[:, None] == np.array([True, False])
    given = fairness.benefits(margins, groups, np.zeros(12_000, dtype=np.bool_), 0.0)

    assert given[0] == pytest.approx(0.0, abs=0.01)
    assert given[1] == pytest.approx(-2.0, abs=0.01), "a quarter, as of the first script"


def test_without_enough_followers_of_any_script_nobody_gets_a_benefit() -> None:
    groups = np.ones((50, 1), dtype=np.bool_)
    assert fairness.benefits(np.linspace(-1, 1, 50), groups, np.zeros(50, dtype=np.bool_), 0.0).tolist() == [0.0]


def test_a_script_whose_freed_count_is_below_zero_is_not_measured() -> None:
    """Of a thousand real followers nobody is called, and so many fakes are that their wrong labels would be ten."""
    groups = (np.arange(12_000) < 10_000)[:, None] == np.array([True, False])
    margins = np.concatenate([np.linspace(-1, 1, 10_000), np.full(1000, -1.0), np.full(1000, 1.0)])
    labels = np.concatenate([np.zeros(11_000), np.ones(1000)]) > 0
    with np.errstate(all="raise"):
        given = fairness.benefits(margins, groups, labels, 0.01)

    assert given.tolist() == pytest.approx([0.0, 0.0], abs=0.001)


def test_a_script_that_fakes_alone_write_is_not_measured_by_their_wrong_labels() -> None:
    groups = (np.arange(120_000) < 20_000)[:, None] == np.array([True, False])
    fake = ~groups[:, 0]
    labels = fake != (np.arange(120_000) % 50 == 0)
    given = fairness.benefits(np.tile(np.linspace(-2, 0.5, 1000), 120) + fake, groups, labels, 0.018)

    assert (groups[:, 1] & ~labels).sum() > fairness.FEWEST_TO_MEASURE
    assert given[1] == given[0], "the mean of the others"


def _looks_made(handle: str) -> bool:
    """The handles of the made-up pairs that programs make: templates, and names with a long number."""
    return handle.startswith(("user", "qx_")) or handle[-5:].isdecimal()


def test_evaluate_prints_figures_of_a_file_and_draws_the_curve(tmp_path: Path) -> None:
    path, plot = tmp_path / "labels.csv", tmp_path / "curve.svg"
    handles, people = pairs(600, seed=5)
    lines = [
        f'{place % 10},{place},{handle},"{name}",{int(_looks_made(handle))}'
        for place, (handle, name) in enumerate(zip(handles, people, strict=True))
    ]
    path.write_text("creator_id,follower_id,handle,name,is_fake\n" + "\n".join(lines) + "\n", encoding="utf-8")
    ran = CliRunner().invoke(evaluate_command, ["--labels", str(path), "--plot", str(plot), "--json"])
    report = json.loads(ran.output)

    assert report["followers"] == 600
    assert set(report["quality"]) == {"rules, version 1", "rules, version 2", "model"}
    assert report["quality"]["model"]["auc"] > 0.8
    assert plot.read_text() == calibration_svg(report["calibration"])
    shown = CliRunner().invoke(evaluate_command, ["--labels", str(path), "--folds"])
    assert shown.exit_code == 0, shown.output
    assert "calibration" in shown.output
    assert "models of 5 folds by creator, each fitted on the others" in shown.output
    assert not {name for name in people if len(name) > 8 and name in shown.output}


def test_followers_in_rare_scripts_of_further_labels_count_by_script_alone(tmp_path: Path) -> None:
    header, people = "creator_id,handle,name,is_fake", ["Anna Smith", "ਸਿਮਰਨ ਕੌਰ", "Ελένη Παπά"]
    base, further = tmp_path / "base.csv", tmp_path / "further.csv"
    base.write_text(
        "\n".join([header, *(f"{n % 9},anna{n},{people[0]},{n % 2}" for n in range(400))]), encoding="utf-8"
    )
    further.write_text("\n".join([header, *(f"9,anna{n},{people[n % 3]},0" for n in range(450))]), encoding="utf-8")
    command = ["--labels", str(base), "--json", "--scripts-from", str(further)]
    report = json.loads(CliRunner().invoke(evaluate_command, command).output)

    assert report["followers"] == 400
    # Latin is as rare as the others in this file.
    assert {each["script"]: each["real"] for each in report["scripts"]} == {"Latin": 350, "Greek": 150, "Gurmukhi": 150}
    assert isinstance(CliRunner().invoke(evaluate_command, [*command, "--folds"]).exception, StirError)


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
    assert not {"clickhouse_connect", "psycopg", "boto3", "airflow", "dbt", "polars"} & loaded
