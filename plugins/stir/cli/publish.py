"""`stir publish`, `verify`, `rollback` and `generations`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

import click
from rich import box
from rich.console import Console
from rich.table import Table

from stir.cli.published import NamesTables, PublishedTable

if TYPE_CHECKING:
    from stir.connections import Target
    from stir.publish import PublishSpec, PublishState
    from stir.publish.ledger.generations import Generation
    from stir.settings import Settings

_target = click.option(
    "--target", type=click.Choice(["prod", "staging"]), default="prod", show_default=True, help="Which database."
)
_table_argument = click.argument("spec", metavar="NAME", type=PublishedTable())
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(cls=NamesTables)
@click.argument("specs", nargs=-1, metavar="[NAME]...", type=PublishedTable())
@click.option("--all", "everything", is_flag=True, help="Publish every table.")
@_target
@click.option("--force", is_flag=True, help="Publish unchanged content, or content that was rolled back.")
@click.option("--allow", multiple=True, metavar="GUARD", help="Waive a guard for this run. May be repeated.")
@click.option("--take-over", is_flag=True, help="Take over from a running publish, which is then refused.")
@click.option("--dry-run", is_flag=True, help="Print the plan and its SQL; change nothing.")
@_as_json
def publish(
    specs: Sequence[PublishSpec],
    everything: bool,
    target: str,
    force: bool,
    allow: Sequence[str],
    take_over: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Copy marts to PostgreSQL and swap them in while applications read.

    NAME is the name of a published table, here or in PostgreSQL. If a table is refused, the others are
    still published and the exit code is 1.
    """
    from stir.cli.main import describe
    from stir.cli.publish_progress import Board
    from stir.publish import SPECS
    from stir.publish import publish as run
    from stir.publish.checks import guards
    from stir.publish.tables import listed

    if bool(specs) == everything:
        raise click.UsageError(f"name the tables to publish ({listed()}), or use --all")
    # A table that is named twice, by either name, is published once.
    specs = [SPECS[name] for name in (sorted(SPECS) if everything else dict.fromkeys(spec.name for spec in specs))]
    guards.check_names(allow)
    settings = _services()
    place = cast("Target", target)
    if dry_run:
        _print_plan(settings, specs, place, as_json)
        return 0
    done: list[PublishState] = []
    refused: list[str] = []
    with Board([spec.name for spec in specs]) as board:
        for spec in specs:
            try:
                with board.watching(spec.name) as watch:
                    done.append(
                        run(settings, spec, place, force=force, allow=allow, take_over=take_over, observer=watch)
                    )
            except Exception as error:
                if len(specs) == 1:
                    raise
                refused.append(f"{spec.name}: {describe(error)}")
    if as_json:
        click.echo(json.dumps([item.report() for item in done], indent=2))
    elif done:
        _print_publications(done)
    for item in done:
        for warning in item.warnings:
            click.echo(f"stir: {item.name}: guard freshness warns: {warning}", err=True)
    for line in refused:
        click.echo(f"stir: {line}", err=True)
    return 1 if refused else 0


@click.command(cls=NamesTables)
@_table_argument
@_target
@_as_json
def verify(spec: PublishSpec, target: str, as_json: bool) -> int:
    """Compare a published table with its recorded generation and with the current mart.

    The exit code is 1 if the table differs from its generation. A newer mart is no error.
    """
    from stir.cli.working import working
    from stir.publish import verify as run

    settings = _services()
    with working("comparing the live table, its generation and the mart"):
        found = run(settings, spec, cast("Target", target))
    if as_json:
        click.echo(json.dumps({**asdict(found), "intact": found.intact}, indent=2))
        return 0 if found.intact else 1
    table = _table(f"{found.table}, {target}, generation {found.generation}", "", "rows", "checksum")
    table.add_row("published", f"{found.recorded_rows:,}", found.recorded_checksum)
    table.add_row("live now", f"{found.live_rows:,}", found.live_checksum)
    table.add_row("mart now", f"{found.mart_rows:,}", found.mart_checksum)
    console = Console()
    console.print(table)
    console.print(
        "[green]live = published[/]"
        if found.intact
        else f"[red]the live table differs from its generation: ./stir publish {spec.name} --force[/]",
        "[green]= mart[/]"
        if found.mart_is_published
        else f"[yellow]the mart has newer content: ./stir publish {spec.name}[/]",
        sep="; ",
    )
    return 0 if found.intact else 1


@click.command(cls=NamesTables)
@_table_argument
@_target
@click.option(
    "--to",
    type=int,
    metavar="GENERATION",
    help="Generation to go back to; by default the newest kept one before the live one.",
)
@click.option("--allow", type=click.Choice(["contract"]), help="Allow a generation with other columns.")
@_as_json
def rollback(spec: PublishSpec, target: str, to: int | None, allow: str | None, as_json: bool) -> None:
    """Publish the rows of an earlier generation again, at once and as a new generation.

    The content that was rolled back is not published again until its mart changes, or with --force.
    """
    from stir.cli.working import working
    from stir.publish import roll_back
    from stir.publish.state import new_run_id

    place = cast("Target", target)
    settings = _services()
    with working("putting an earlier generation back"):
        generation = roll_back(
            settings, spec, target=place, run_id=new_run_id(), to=to, allow_change=allow == "contract"
        )
    if as_json:
        click.echo(json.dumps(_generation(generation, "live"), indent=2))
        return
    click.echo(
        f"{spec.schema}.{spec.table} shows the rows of generation {generation.content} again, "
        f"as generation {generation.generation} ({generation.rows:,} rows)"
    )


@click.command(cls=NamesTables)
@_table_argument
@_target
@click.option(
    "--notice",
    type=click.FloatRange(0, 8784),
    default=24.0,
    show_default=True,
    metavar="HOURS",
    help="Hours until the change is applied, up to a year.",
)
@_as_json
def announce(spec: PublishSpec, target: str, notice: float, as_json: bool) -> None:
    """Announce a change of a published table's columns to its readers.

    Readers see it in stir.contract_change. The first publish after the notice applies it, and none before.
    """
    from datetime import timedelta

    from stir.cli.working import working
    from stir.publish.checks import contract
    from stir.publish.ledger import announcements
    from stir.publish.ledger import generations as ledger
    from stir.publish.session import writer

    settings = _services()
    with (
        working("comparing the columns"),
        writer(settings, cast("Target", target), purpose="announce") as connection,
    ):
        ledger.ensure(connection, spec.readers)
        reported = announcements.announce(
            connection, spec, contract.differences_of(connection, spec), timedelta(hours=notice)
        )
    if as_json:
        times = {"announced_at": reported.announced_at.isoformat(), "effective_at": reported.effective_at.isoformat()}
        click.echo(json.dumps({**asdict(reported), **times}, indent=2))
        return
    click.echo(f"{spec.schema}.{spec.table}, {target}: {reported.change}; not before {reported.effective_at:%F %T %Z}")


@click.command(cls=NamesTables)
@_table_argument
@_target
@_as_json
def generations(spec: PublishSpec, target: str, as_json: bool) -> None:
    """List the generations of a published table, the newest first."""
    from stir.cli.working import working
    from stir.errors import StirError
    from stir.publish.ledger import generations as ledger
    from stir.publish.session import writer

    settings = _services()
    with (
        working("reading the generations"),
        writer(settings, cast("Target", target), purpose="generations") as connection,
    ):
        history = ledger.history(connection, spec)[::-1]
    if as_json:
        click.echo(json.dumps([_generation(item, item.state(history[0])) for item in history], indent=2))
        return
    if not history:
        raise StirError(f"{spec.name} was never published", where=target, do=f"run `./stir publish {spec.name}`")
    title = f"{spec.schema}.{spec.table}, {target}"
    table = _table(title, "gen", "state", "event", "rows", "MB", "checksum", "watermark", "published at", "run")
    for item in history:
        event = item.event if item.event == "publish" else f"rollback to {item.content}"
        watermark = f"{item.watermark:%F %T}" if item.watermark else ""
        table.add_row(
            str(item.generation), item.state(history[0]), event, f"{item.rows:,}", f"{item.bytes / 1e6:,.1f}",
            item.checksum, watermark, f"{item.published_at:%F %T}", item.run_id,
        )  # fmt: skip
    Console(width=None if Console().is_terminal else 160).print(table)


def _services() -> Settings:
    from stir.cli.working import running_services

    return running_services()


_STAGES = ("freeze", "transfer", "index", "verify", "swap", "tidy")


def _table(title: str, *columns: str) -> Table:
    """A table in the common style, with numbers on the right."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for column in columns:
        left = column in ("", "table", "outcome", "state", "event", "run", "checksum", "watermark", "published at")
        table.add_column(column, justify="left" if left else "right", overflow="fold")
    return table


def _print_publications(done: Sequence[PublishState]) -> None:
    table = _table("", "table", "outcome", "gen", "rows", "MB", "parts", *_STAGES, "total s")
    for item in done:
        stages = (f"{item.seconds[stage]:.2f}" if stage in item.seconds else "" for stage in _STAGES)
        outcome = f"[green]{item.outcome}[/]" if item.outcome == "published" else item.outcome
        table.add_row(
            item.name, outcome, str(item.generation), f"{item.rows:,}", f"{item.bytes / 1e6:,.1f}", str(item.parts),
            *stages, f"{item.seconds['total']:.2f}",
        )  # fmt: skip
    console = Console(width=None if Console().is_terminal else 120)
    console.print(table)
    for item in done:
        if item.reason:
            console.print(f"{item.name}: {item.outcome}, {item.reason}", highlight=False, soft_wrap=True)


def _print_plan(settings: Settings, specs: Sequence[PublishSpec], target: Target, as_json: bool) -> None:
    from stir.cli.working import working
    from stir.publish.checks import contract
    from stir.publish.plan import plan

    with working("planning"):
        for spec in specs:
            contract.check_mart(settings, spec, target)
        planned = {spec.name: plan(settings, spec, target) for spec in specs}
    if as_json:
        click.echo(json.dumps({name: [asdict(item) for item in items] for name, items in planned.items()}, indent=2))
        return
    for name, items in planned.items():
        for item in items:
            click.echo(f"-- {name}: {item.step}, {item.engine}\n{item.statement};\n")


def _generation(item: Generation, state: str) -> dict[str, object]:
    times = {
        "watermark": item.watermark.isoformat() if item.watermark else None,
        "published_at": item.published_at.isoformat(),
    }
    described = {name: value for name, value in asdict(item).items() if name != "months"}
    return {**described, **times, "state": state}
