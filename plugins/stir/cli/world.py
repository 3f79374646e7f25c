"""`stir world`: creates, advances and describes the synthetic source world, and answers scrape requests from it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.spinner import Spinner
from rich.table import Table

from stir.cli.standins import standins
from stir.settings import Settings

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


class Moment(click.ParamType[datetime]):
    """An ISO date or time; without a zone it is UTC."""

    name = "ISO"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not an ISO time such as 2026-06-15 or 2026-06-15T06:00:00", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.group()
def world() -> None:
    """Create, advance or describe the synthetic source world.

    It fills every source table inside ClickHouse. Equal parameters give equal worlds.
    """


@world.command()
@click.option("--creators", default=2000, show_default=True, help="People and brands, 1 to 2,000,000.")
@click.option("--days", default=90, show_default=True, help="Days of daily snapshots; weekly ones go a year further.")
@click.option("--seed", default=7, show_default=True, help="Another seed makes another world.")
@click.option("--end", type=Moment(), default=None, help="End of the world (UTC); by default today's midnight.")
@click.option("--replace", is_flag=True, help="Drop the existing world or source tables first.")
def make(creators: int, days: int, seed: int, end: datetime | None, replace: bool) -> None:
    """Fill all source tables. A second call with the same parameters changes nothing."""
    from stir.world import WorldParameters, midnight
    from stir.world import make as make_world
    from stir.world.campaigns import fill_application

    parameters = WorldParameters(creators, days, seed, end or midnight())
    settings = _settings()
    started = time.monotonic()
    with _bars("making the world") as progress:
        made = make_world(settings, parameters, replace=replace, progress=progress)
        fill_application(settings, replace=made)
    verb = f"made in {time.monotonic() - started:.1f} s" if made else "already stands"
    _out.print(
        f"world {verb}: {creators:,} creators, seed {seed},"
        f" {parameters.start:%Y-%m-%d %H:%M} to {parameters.end:%Y-%m-%d %H:%M} UTC",
        soft_wrap=True,
    )


@world.command()
@click.option("--hours", default=24, show_default=True, help="Hours that pass.")
def advance(hours: int) -> None:
    """Let time pass: insert the rows that are ingested in the hours after the world's end, and nothing else."""
    from stir.world import advance as advance_world
    from stir.world.campaigns import fill_application

    settings = _settings()
    started = time.monotonic()
    with _bars("letting time pass in the world") as progress:
        end = advance_world(settings, hours, progress=progress)
        fill_application(settings)
    _out.print(f"world advanced in {time.monotonic() - started:.1f} s; it now ends at {end:%Y-%m-%d %H:%M} UTC")
    if warning := beyond_now(end, settings.as_of, datetime.now(UTC)):
        _err.print(f"[yellow]{warning}", soft_wrap=True)


def beyond_now(end: datetime, as_of: str | None, clock: datetime) -> str:
    """A warning if the world ends after the moment that models use as now; otherwise empty."""
    now = datetime.fromisoformat(as_of) if as_of else clock
    now = now if now.tzinfo else now.replace(tzinfo=UTC)
    if end <= now:
        return ""
    return (
        f"the world ends after {'STIR_AS_OF' if as_of else 'now'} ({now:%Y-%m-%d %H:%M} UTC): builds do not see"
        f" later records; to build for the new day, set STIR_AS_OF={end:%Y-%m-%dT%H:%M:%SZ}"
    )


@world.command("work")
@click.option(
    "--limit", default=10_000, show_default=True, type=click.IntRange(1), help="Answer at most this many requests."
)
def answer(limit: int) -> None:
    """Answer scrape requests from the world, as the crawler would: fresh snapshots for the warehouse, once each."""
    from stir.cli.working import working
    from stir.world.worker import answer_requests

    settings = _settings()
    with working(f"answering up to {limit:,} requests"):
        done = answer_requests(settings, limit)
    _out.print(f"{done.answered:,} requests answered, {done.failed:,} failed, {done.waiting:,} still wait")


@world.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--entities", metavar="KIND", help="List the planted entities of one kind instead.")
def describe(as_json: bool, entities: str | None) -> None:
    """Parameters, row counts, content hashes, planted dirt, and one SHA-256 over all of it."""
    from stir.cli.working import working
    from stir.world import describe as describe_world
    from stir.world import planted

    settings = _settings()
    if entities:
        with working("searching the planted entities"):
            found = planted(settings, entities)
        if as_json:
            click.echo(json.dumps([list(row) for row in found], ensure_ascii=False, indent=2))
        else:
            for row in found:
                click.echo("\t".join(row))
        return
    with working("counting and hashing every source table"):
        description = describe_world(settings)
    if as_json:
        click.echo(json.dumps(description.as_dict(), indent=2))
        return
    _out.print(
        f"{description.creators:,} creators, seed {description.seed},"
        f" {description.start:%Y-%m-%d %H:%M} to {description.end:%Y-%m-%d %H:%M} UTC\n"
    )
    contents = Table("table", "rows", "keys", "content", box=box.SIMPLE_HEAD)
    contents.columns[0].no_wrap = True
    for table in description.tables:
        contents.add_row(table.name, f"{table.rows:,}", f"{table.keys:,}", table.content)
    for column in contents.columns[1:3]:
        column.justify = "right"
    _out.print(contents)
    dirt = Table("planted", "count", box=box.SIMPLE_HEAD)
    dirt.columns[1].justify = "right"
    for kind, count in description.planted.items():
        dirt.add_row(kind, f"{count:,}")
    _out.print(dirt)
    _out.print(f"sha256 {description.sha256}")


def _settings() -> Settings:
    from stir.cli.working import running_services

    return running_services(("clickhouse", "postgres"))


@contextmanager
def _bars(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """Progress with one bar per table, on standard error if it is a terminal."""
    columns = (
        TextColumn("{task.description:<48}"),
        BarColumn(24),
        MofNCompleteColumn(),
        TextColumn("creators"),
        TimeElapsedColumn(),
    )
    bars = Progress(*columns, console=_err)
    tasks: dict[str, TaskID] = {}

    def show(table: str, done: int, total: int) -> None:
        if table not in tasks:
            tasks[table] = bars.add_task(table, total=total)
        bars.update(tasks[table], completed=done, visible=done < total)

    if not _err.is_terminal:
        yield show
        return
    with Live(Group(Spinner("dots", what), bars), console=_err, transient=True, redirect_stdout=False):
        yield show


world.add_command(standins)
