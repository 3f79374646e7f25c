"""`./stir score labels` and `fit`: followers of whom is known whether they are inauthentic, and the model of them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from stir.errors import StirError

if TYPE_CHECKING:
    from stir.authenticity.fit import Prepared
    from stir.authenticity.labels import Labelled
    from stir.authenticity.names import NameTables

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


def labelled_followers(paths: Sequence[Path]) -> Labelled:
    """The labels of files, or the truth of the synthetic world.

    Raises:
        StirError: a file cannot be read, or there is no synthetic world.
    """
    from stir.authenticity import labels

    if paths:
        return labels.joined([labels.read_csv(path) for path in paths])
    return labels.from_rows(true_labels(), "world.followers")


def true_labels() -> list[dict[str, object]]:
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


LABEL_ERROR = click.option(
    "--label-error",
    type=click.FloatRange(0, 0.5, max_open=True),
    default=0.015,
    show_default=True,
    help="Part of the labels that is wrong; only a fit asks for it.",
)


SCRIPTS_FROM = click.option(
    "--scripts-from",
    "further",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Labels of more creators, whole samples of all countries in proportion: they add their followers in scripts of"
    " which --labels has fewer than 50,000 real ones, to what is measured by script alone.",
)


def in_rare_scripts(further: Sequence[Path], prepared: Prepared, tables: NameTables) -> list[Prepared]:
    """The followers of `--scripts-from`, one file after the other: these are many, and few of each are used."""
    from stir.authenticity import labels
    from stir.authenticity.fit import Prepared

    scripts = prepared.rare_scripts()
    return [Prepared.of(labels.read_csv(path), tables, scripts) for path in further]


def require_folder(path: Path | None) -> None:
    """Refuse a file in a folder that is not there before the work, not after it."""
    if path and not path.absolute().parent.is_dir():
        raise StirError("the folder does not exist", where=str(path.parent), do="create it, or name another file")


@click.command("fit")
@click.option(
    "--labels",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="CSV of your own, several are joined; else the synthetic world.",
)
@click.option("--seed", default=1, show_default=True, help="Of the folds.")
@LABEL_ERROR
@click.option(
    "--version",
    "number",
    type=click.IntRange(1, 65_535),
    default=4,
    show_default=True,
    help="Number that scored rows bear.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the files; else the package's own.",
)
@click.option("--keep-names", is_flag=True, help="Use the package's tables of names and fit the model alone.")
@click.option(
    "--keep-weights",
    is_flag=True,
    help="Keep the package's tables and weights; only measure benefits of scripts, calibration and shares again.",
)
@SCRIPTS_FROM
def fit_command(
    labels: tuple[Path, ...],
    seed: int,
    label_error: float,
    number: int,
    into: Path | None,
    keep_names: bool,
    keep_weights: bool,
    further: tuple[Path, ...],
) -> None:
    """Learn the tables of names and fit the model; the same labels and seed give the same files.

    With --keep-weights the labels should be of creators that the weights were not fitted on: there are no folds.
    """
    from stir.authenticity import fit, probability
    from stir.authenticity import names as name_tables

    if further and not keep_weights:
        raise StirError(
            "--scripts-from is of use with --keep-weights alone", do="give both, or add the file to --labels"
        )
    labelled = labelled_followers(labels)
    keep_names |= keep_weights
    tables = name_tables.load() if keep_names else labelled.names(number)
    weights_of = probability.load() if keep_weights else None
    prepared = fit.Prepared.of(labelled, tables)
    rare = in_rare_scripts(further, prepared, tables)
    model = fit.fit(prepared, version=number, seed=seed, label_error=label_error, weights_of=weights_of, rare=rare)
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

    require_folder(file)
    rows = true_labels()
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*REQUIRED, *OPTIONAL])
        writer.writeheader()
        writer.writerows(
            {name: int(value) if isinstance(value, bool) else value for name, value in row.items()} for row in rows
        )
    _out.print(f"{len(rows):,} followers: {file}", soft_wrap=True)
