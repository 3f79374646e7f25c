"""`stir backfill` and `stir repair`: build days of models again beside the live tables, compare, swap, undo."""

from __future__ import annotations

import json
from datetime import date, datetime

import click

from stir.cli.backfill_report import Report, print_list, print_plan, print_readers, record_of
from stir.cli.working import READING, running_services, working
from stir.operations.backfill.run import Outcome, Request, discard, listed, undo
from stir.operations.backfill.run import backfill as run
from stir.operations.backfill.run import dry_run as preview
from stir.settings import Settings
from stir.transform.manifest import read_dbt_manifest

_day = click.DateTime(["%Y-%m-%d"])
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_allow_loss = click.option(
    "--allow-loss", is_flag=True, help="Swap although a model would lose more than a tenth of its rows."
)
NEWEST = "newest"


@click.command()
@click.argument("of", required=False, metavar="MODEL|TAG")
@click.option("--from", "first", type=_day, metavar="D", help="First day, as 2026-05-01 (UTC).")
@click.option("--to", "last", type=_day, metavar="D", help="Last day.")
@click.option("--downstream", is_flag=True, help="Build the models that read these days again, too.")
@click.option("--dry-run", is_flag=True, help="Print models, days, partitions and rows; build nothing.")
@click.option("--hold", is_flag=True, help="Build and compare, and stop before the swap. The same without it swaps.")
@_allow_loss
@click.option(
    "--undo", "undone", is_flag=False, flag_value=NEWEST, metavar="[NUMBER]", help="Put back what a backfill replaced."
)
@click.option("--discard", "discarded", is_flag=True, help="Give up an unfinished backfill that has swapped nothing.")
@click.option("--list", "lists", is_flag=True, help="List the backfills.")
@_as_json
def backfill(
    of: str | None,
    first: datetime | None,
    last: datetime | None,
    downstream: bool,
    dry_run: bool,
    hold: bool,
    allow_loss: bool,
    undone: str | None,
    discarded: bool,
    lists: bool,
    as_json: bool,
) -> None:
    """Build days of a model, or of a tag's models, again beside the live tables, and swap them in.

    Shows what changes before anything is swapped. What was replaced is kept for --undo. An interrupted run goes on when
    the same command is given again.
    """
    if sum((bool(of), undone is not None, discarded, lists)) != 1:
        raise click.UsageError("give a MODEL or TAG with --from and --to, or one of --undo, --discard, --list")
    if of and not (first and last):
        raise click.UsageError("--from and --to are missing")
    building = {
        "--from": first, "--to": last, "--downstream": downstream, "--dry-run": dry_run, "--hold": hold,
        "--allow-loss": allow_loss,
    }  # fmt: skip
    if not of and (given := [name for name, value in building.items() if value]):
        raise click.UsageError(
            f"{given[0]} belongs to the building of MODEL or TAG, not to --undo, --discard or --list"
        )
    if undone not in (None, NEWEST) and not str(undone).isdigit():
        raise click.UsageError(f"--undo takes the number of a backfill, not {undone!r}; `--list` shows them")
    settings = running_services(("clickhouse", "postgres"))
    if lists:
        with working("reading the record"):
            known = listed(settings)
        print_list(known, as_json)
    elif discarded:
        with working("dropping what was built"):
            given_up = discard(settings)
        said = {"backfill": given_up.number, "phase": given_up.phase}
        click.echo(json.dumps(said, indent=2) if as_json else f"{given_up.words} is given up: nothing was swapped")
    elif undone is not None:
        _undo(settings, None if undone == NEWEST else int(undone), as_json)
    elif of and first and last:
        request = Request(of, first.date(), last.date(), downstream, hold=hold, allow_loss=allow_loss)
        if dry_run:
            with working(READING):
                planned, figures = preview(settings, request)
            print_plan(planned, figures, as_json)
        else:
            with working(READING):
                read_dbt_manifest(settings)
            with Report(as_json) as report:
                outcome = run(settings, request, report)
            _print_outcome(outcome, as_json)


@click.command()
@click.argument("model")
@click.option("--since", type=_day, required=True, metavar="D", help="First day to look at, as 2026-05-01 (UTC).")
@click.option("--check", is_flag=True, help="Only say what differs; the exit code is 1 if anything does.")
@_allow_loss
@_as_json
def repair(model: str, since: datetime, check: bool, allow_loss: bool, as_json: bool) -> int:
    """Compare the days of a model with what its sources say now, and mend those that differ.

    Names each day, week or month whose rows differ, with counts, keys and sums. Nothing that came after the model's
    last build counts as missing.
    """
    from stir.operations.repair import repair as mend

    settings = running_services(("clickhouse", "postgres"))
    with working(READING):
        read_dbt_manifest(settings)
    with Report(as_json, by_period=True) as report:
        outcome = mend(settings, model, since.date(), check=check, allow_loss=allow_loss, observer=report)
    differing = sum(not period.same for change in outcome.changes for period in change.periods)
    if as_json:
        click.echo(json.dumps({**record_of(outcome), "differing_periods": differing}, indent=2))
    elif check:
        advice = f"; `./stir repair {model} --since {_text(since.date())}` mends them" if differing else ""
        click.echo(f"{model}: {differing} of {_periods(outcome)} periods differ{advice}")
    else:
        _print_outcome(outcome, as_json)
    return 1 if check and differing else 0


def _text(day: date) -> str:
    return day.isoformat()


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _periods(outcome: Outcome) -> int:
    return sum(len(change.periods) for change in outcome.changes)


def _undo(settings: Settings, number: int | None, as_json: bool) -> None:
    with Report(as_json) as report:
        found, stays = undo(settings, number, report)
    if as_json:
        said = {"backfill": found.number, "phase": found.phase, "newer_rows_kept": stays.newer_rows}
        click.echo(json.dumps({**said, "built_since": stays.built_since}, indent=2))
        return
    restored = sum(map(len, found.swaps.values())) - sum(map(len, stays.built_since.values()))
    models = sum(swapped != stays.built_since.get(model) for model, swapped in found.swaps.items())
    click.echo(f"{found.words} is undone: {_count(restored, 'partition')} of {_count(models, 'model')} put back")
    for model, rows in stays.newer_rows.items():
        click.echo(f"{model}: {rows:,} rows had come since, and stay")
    for model, partitions in stays.built_since.items():
        click.echo(f"{model}: {', '.join(partitions)} was built again since, and stays until the next build")


def _print_outcome(outcome: Outcome, as_json: bool) -> None:
    found = outcome.backfill
    if as_json:
        click.echo(json.dumps(record_of(outcome), indent=2))
        return
    swapped = sum(map(len, found.swaps.values()))
    if found.phase == "SWAPPED":
        click.echo(f"{found.words}: {_count(swapped, 'partition')} of {_count(len(found.swaps), 'model')} swapped")
        click.echo(f"`./stir backfill --undo {found.number}` puts back what they held")
        print_readers(found.plan)
    elif found.phase == "BUILDING":
        click.echo(
            f"{found.words} is built and not swapped: the same command without --hold swaps it, --discard gives it up"
        )
    else:
        rows = sum(period.rows_before for change in outcome.changes for period in change.periods)
        click.echo(
            f"{found.words}: nothing differs in {rows:,} rows, so nothing was swapped"
            if rows
            else f"{found.words}: there are no rows on these days, neither in the tables nor in their sources"
        )
