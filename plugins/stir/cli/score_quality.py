"""`./stir score evaluate` and `explain`: how good the scorer is, and why it says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from stir.cli.score_fit import LABEL_ERROR, SCRIPTS_FROM, in_rare_scripts, labelled_followers, require_folder
from stir.errors import StirError

if TYPE_CHECKING:
    from stir.authenticity.labels import Labelled
    from stir.authenticity.probability import Model

_out = Console(highlight=False, width=None if Console().is_terminal else 120)


@click.command("evaluate")
@click.option(
    "--labels",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="CSV of your own: creator_id, handle, name, is_fake; further kind, country, share. Several are joined.",
)
@click.option(
    "--folds",
    is_flag=True,
    help="Fit the model again by folds: each creator is judged by one that was fitted on others.",
)
@click.option("--seed", default=1, show_default=True, help="Of the folds.")
@LABEL_ERROR
@SCRIPTS_FROM
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Write the calibration curve as SVG.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate_command(
    labels: tuple[Path, ...],
    folds: bool,
    seed: int,
    label_error: float,
    further: tuple[Path, ...],
    plot: Path | None,
    as_json: bool,
) -> None:
    """Measure rules and model against labels: those of the synthetic world, or your own."""
    from stir.authenticity import fit, probability
    from stir.authenticity import names as name_tables
    from stir.cli.score_plot import calibration_svg

    require_folder(plot)
    if further and folds:
        raise StirError(
            "--scripts-from is judged by the package's model, --folds by others", do="leave one of them out"
        )
    labelled, tables = labelled_followers(labels), name_tables.load()
    prepared = fit.Prepared.of(labelled, tables)
    model = probability.load()
    if folds:
        found = fit.by_fold(prepared, seed, label_error)
        models = fit.with_shares(prepared, found, seed)
        report = measure(labelled, found.probabilities, models.__getitem__)
        report["judged_by"] = f"models of {len(found.models)} folds by creator, each fitted on the others"
    else:
        judged = [
            (each.labelled, model.probability(each.features, each.known))
            for each in (prepared, *in_rare_scripts(further, prepared, tables))
        ]
        report = measure(*judged[0], lambda _: model, judged[1:])
        report["judged_by"] = f"model {model.version}"
    if plot:
        plot.write_text(calibration_svg(report["calibration"]), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    _show(report)
    if plot:
        _out.print(f"calibration curve: {plot}")


def measure(
    labelled: Labelled,
    likely: Any,
    model_of: Callable[[str], Model],
    further: Sequence[tuple[Labelled, Any]] = (),
) -> dict[str, Any]:
    """Figures of the rules and of the model: quality, shares, recall by kind, false alarms by script, calibration.

    Args:
        labelled: followers and what is true of them.
        likely: the probability of each, shape (n,); NaN where the model abstains.
        model_of: the model that judged the followers of a creator.
        further: followers in rare scripts and their probabilities; they count in the false alarms by script.
    """
    import numpy as np

    from stir.authenticity import evaluate, fairness, probability, rules
    from stir.authenticity.scoring import judge

    followers = labelled.followers
    ruled = judge(followers.handles, followers.names)
    samples = labelled.samples()
    later = rules.judge_v2(ruled, [samples[creator] for creator in followers.creator_ids])
    known = ~np.isnan(likely)
    by_script = ((labelled, likely), *further)
    called = np.nan_to_num(np.concatenate([each for _, each in by_script])) > probability.THRESHOLD
    truth = np.concatenate([each.truth for each, _ in by_script])
    names = [name for each, _ in by_script for name in each.followers.names]
    ways = {"rules, version 1": ruled.verdict, "rules, version 2": later, "model": likely}
    recalls = {way: evaluate.recall_by_kind(values, labelled) for way, values in ways.items()}
    return {
        "followers": len(followers),
        "creators": len(set(followers.creator_ids)),
        "fakes": int(labelled.truth.sum()),
        "threshold": probability.THRESHOLD,
        "quality": {name: asdict(evaluate.quality(values, labelled.truth)) for name, values in ways.items()},
        "shares": asdict(evaluate.shares(likely, labelled, model_of)),
        "recall": {
            kind: {"fakes": size, **{way: found[kind][1] for way, found in recalls.items()}}
            for kind, (size, _) in recalls["model"].items()
        },
        "scripts": [asdict(each) for each in fairness.false_alarms(called, truth, names)],
        "calibration": [asdict(each) for each in evaluate.calibration(likely[known], labelled.truth[known])],
    }


def _show(report: Mapping[str, Any]) -> None:
    _out.print(f"{report['followers']:,} followers of {report['creators']:,} creators, {report['fakes']:,} inauthentic")
    _out.print(f"judged by {report['judged_by']}; inauthentic above {report['threshold']}", soft_wrap=True)
    table = Table("way", "precision", "recall", "false alarms", "AUC", "Brier", "ECE", "abstained", box=box.SIMPLE_HEAD)
    for way, found in report["quality"].items():
        shown = [f"{found[name]:.3f}" for name in ("precision", "recall", "false_alarms", "auc", "brier")]
        table.add_row(way, *shown, f"{found['calibration_error']:.3f}", f"{found['abstained']:,}")
    _out.print(table)
    shares = report["shares"]
    _out.print(
        f"shares of {shares['creators']:,} creators: {shares['error']:.1f} points off on average; 90 % intervals are "
        f"{shares['width']:.1f} points wide and hold the true share of {100 * shares['held']:.1f} %",
        soft_wrap=True,
    )
    if report["recall"]:
        table = Table("kind of fake", "fakes", *report["quality"], box=box.SIMPLE_HEAD, title="found")
        for kind, found in report["recall"].items():
            table.add_row(kind, f"{found['fakes']:,}", *(f"{found[way]:.2f}" for way in report["quality"]))
        _out.print(table)
    table = Table(
        "script of the name",
        "real",
        "false alarms",
        "points over Latin",
        "standard error",
        box=box.SIMPLE_HEAD,
        title="fairness",
    )
    for each in report["scripts"]:
        error = f"{each['error']:.2f}"
        table.add_row(
            each["script"], f"{each['real']:,}", f"{100 * each['rate']:.1f} %", f"{each['excess']:+.2f}", error
        )
    _out.print(table)
    table = Table("probability", "inauthentic", "followers", box=box.SIMPLE_HEAD, title="calibration")
    for each in report["calibration"]:
        bar = "█" * round(20 * each["found"])
        table.add_row(f"{each['expected']:.2f}", f"{each['found']:.2f} {bar}", f"{each['size']:,}")
    _out.print(table)


@click.command("explain")
@click.argument("handle")
@click.argument("name")
@click.option("--country", help="Country code of the creator; its scripts are not odd.")
def explain_command(handle: str, name: str, country: str | None) -> None:
    """Say why a follower with HANDLE and NAME gets its probability, each reason with its weight.

    Without the other followers nothing can be said of namesakes. A verdict on a person is not what this is for.
    """
    from stir.authenticity import probability
    from stir.authenticity.explain import explain

    found = explain(handle, name, country.upper() if country else None)
    for line in found.rules:
        _out.print(line, soft_wrap=True, markup=False)
    if found.probability is None:
        _out.print("model: too little to judge by (the name or the handle has no letters)")
        return
    table = Table("reason", "log odds", "what it is about", box=box.SIMPLE_HEAD)
    for reason, weight, about in found.reasons:
        table.add_row(reason, f"{weight:+.2f}", about)
    _out.print(table)
    _out.print(f"probability of being inauthentic: {found.probability:.2f} (of an average sample: {found.prior:.2f})")
    if found.is_capped:
        _out.print(f"a script alone lifts nobody above {probability.SCRIPT_ALONE:.2f}")
