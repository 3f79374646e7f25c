"""`./stir score evaluate`, `explain` and `fit`: how good the scorer is, why it says so, how it is made."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from stir.errors import StirError

if TYPE_CHECKING:
    from stir.authenticity.labels import Labelled

_out = Console(highlight=False, width=None if Console().is_terminal else 120)

TRUTH = """
select
    concat(toString({seed:UInt64}), '-', toString(people.account_id)) as creator_id,
    toString(people.follower_id) as follower_id,
    people.follower_handle as handle,
    people.follower_name as name,
    people.known_country as country,
    people.is_labelled_fake as is_fake,
    people.is_fake as truth,
    if(people.is_fake, people.kind, '') as kind,
    avg(if(people.is_in_burst, 0.9, people.fake_percent / 100)) over (partition by people.account_id) as share
from world.followers(first = {first:Int64}, last = {last:Int64}) as people
order by creator_id, follower_id
"""
"""What the synthetic world knows of its followers; creators of worlds of other seeds are others. `share` is that of all
followers of the creator."""

CREATORS = "select max(creator) + 1 from world.account"
CREATORS_AT_ONCE = 6000
"""Creators of the synthetic world per query: the followers of all of a large one do not fit into a query's memory."""


def _labelled(paths: Sequence[Path]) -> Labelled:
    """The labels of files, or the truth of the synthetic world.

    Raises:
        StirError: a file cannot be read, or there is no synthetic world.
    """
    from stir.authenticity import labels

    if paths:
        return labels.joined([labels.read_csv(path) for path in paths])
    return labels.from_rows(_truth(), "world.followers")


def _truth() -> list[dict[str, object]]:
    """What the synthetic world knows of its followers, with the columns of a file of labels."""
    from stir import connections
    from stir.cli.working import running_services, working
    from stir.world.history import require_world

    client = connections.clickhouse(running_services(("clickhouse",)))
    if not client.command("exists world.followers"):
        raise StirError(
            "there is no synthetic world to measure against",
            do="create one with `./stir world make`, or give labels of your own with --labels FILE",
        )
    rows: list[dict[str, object]] = []
    with working("reading what the world knows of its followers"):
        last, seed = int(client.query(CREATORS).result_rows[0][0]), require_world(client).seed
        for first in range(0, last, CREATORS_AT_ONCE):
            bounds = {"seed": seed, "first": first, "last": min(first + CREATORS_AT_ONCE, last)}
            rows += client.query(TRUTH, parameters=bounds).named_results()
    return rows


@click.command("evaluate")
@click.option(
    "--labels",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="CSV of your own: creator_id, handle, name, is_fake; further kind, country, share. Several are joined.",
)
@click.option("--folds", is_flag=True, help="Fit the model again, by folds of creators.")
@click.option("--seed", default=1, show_default=True, help="Of the folds.")
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Write the calibration curve as SVG.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate_command(labels: tuple[Path, ...], folds: bool, seed: int, plot: Path | None, as_json: bool) -> None:
    """Measure rules and model against labels: those of the synthetic world, or your own."""
    from stir.authenticity import fit, probability
    from stir.authenticity import names as name_tables
    from stir.cli.score_plot import calibration_svg

    labelled = _labelled(labels)
    prepared = fit.Prepared.of(labelled, name_tables.load())
    model = probability.load()
    likely = model.probability(prepared.features, prepared.known)
    if folds:
        likely = fit.by_fold(prepared, seed, fit.LABEL_ERROR)[1]
        model = fit.fit(prepared, version=0, seed=seed)
    report = measure(labelled, likely, model)
    if plot:
        plot.write_text(calibration_svg(report["calibration"]), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    _show(report)
    if plot:
        _out.print(f"calibration curve: {plot}")


def measure(labelled: Labelled, likely: Any, model: Any) -> dict[str, Any]:
    """Figures of the rules and of the model: quality, shares, recall by kind, false alarms by script, calibration."""
    import numpy as np

    from stir.authenticity import evaluate, fairness, probability, rules
    from stir.authenticity.scoring import judge

    followers = labelled.followers
    ruled = judge(followers.handles, followers.names)
    samples = labelled.samples()
    later = rules.judge_v2(ruled, [samples[creator] for creator in followers.creator_ids])
    known = ~np.isnan(likely)
    called = np.nan_to_num(likely) > probability.THRESHOLD
    ways = {"rules, version 1": ruled.verdict, "rules, version 2": later, "model": likely}
    recalls = {way: evaluate.recall_by_kind(values, labelled) for way, values in ways.items()}
    return {
        "followers": len(followers),
        "creators": len(set(followers.creator_ids)),
        "fakes": int(labelled.truth.sum()),
        "quality": {name: asdict(evaluate.quality(values, labelled.truth)) for name, values in ways.items()},
        "shares": asdict(evaluate.shares(likely, labelled, model)),
        "recall": {
            kind: {"fakes": size, **{way: found[kind][1] for way, found in recalls.items()}}
            for kind, (size, _) in recalls["model"].items()
        },
        "scripts": [asdict(each) for each in fairness.false_alarms(called, labelled.truth, list(followers.names))],
        "calibration": [asdict(each) for each in evaluate.calibration(likely[known], labelled.truth[known])],
    }


def _show(report: Mapping[str, Any]) -> None:
    _out.print(f"{report['followers']:,} followers of {report['creators']:,} creators, {report['fakes']:,} inauthentic")
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
        "± (90 %)",
        box=box.SIMPLE_HEAD,
        title="fairness",
    )
    for each in report["scripts"]:
        error = f"{1.645 * each['error']:.1f}"
        table.add_row(
            each["script"], f"{each['real']:,}", f"{100 * each['rate']:.1f} %", f"{each['excess']:+.1f}", error
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


@click.command("fit")
@click.option(
    "--labels",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="CSV of your own, several are joined; else the synthetic world.",
)
@click.option("--seed", default=1, show_default=True, help="Of the folds.")
@click.option("--label-error", default=0.015, show_default=True, help="Part of the labels that is wrong.")
@click.option("--version", "number", default=3, show_default=True, help="Number that scored rows bear.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the files; else the package's own.",
)
@click.option("--keep-names", is_flag=True, help="Use the package's tables of names and fit the model alone.")
def fit_command(
    labels: tuple[Path, ...], seed: int, label_error: float, number: int, into: Path | None, keep_names: bool
) -> None:
    """Learn the tables of names and fit the model; the same labels and seed give the same files."""
    from stir.authenticity import fit, probability
    from stir.authenticity import names as name_tables

    labelled = _labelled(labels)
    tables = name_tables.load() if keep_names else labelled.names(number)
    model = fit.fit(fit.Prepared.of(labelled, tables), version=number, seed=seed, label_error=label_error)
    paths = [probability.SHIPPED, name_tables.SHIPPED]
    if into:
        paths = [into / path.name for path in paths]
    probability.save(model, paths[0])
    if keep_names:
        del paths[1]
    else:
        name_tables.save(tables, paths[1])
    fitted_on = f"{model.fitted_on['followers']:,}"
    _out.print(f"fitted on {fitted_on} followers: {', '.join(map(str, paths))}", soft_wrap=True)


@click.command("labels")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def labels_command(file: Path) -> None:
    """Write the labels of the synthetic world's followers to FILE, a CSV that `--labels` reads.

    Creators are named with the world's seed, so that the files of several worlds can be given together.
    """
    from stir.authenticity.labels import OPTIONAL, REQUIRED

    rows = _truth()
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*REQUIRED, *OPTIONAL])
        writer.writeheader()
        writer.writerows(
            {name: int(value) if isinstance(value, bool) else value for name, value in row.items()} for row in rows
        )
    _out.print(f"{len(rows):,} followers: {file}", soft_wrap=True)
