"""`stir track`, `stir untrack`, `stir tracked`: whose numbers are collected."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stir.cli.credentials import collector_tables
from stir.cli.working import running_services, working
from stir.errors import StirError

if TYPE_CHECKING:
    from stir.collector.resolving import Resolved
    from stir.settings import Settings

PLATFORM = click.Choice(("youtube", "instagram"))
_MOST = 10_000


@click.command()
@click.argument("platform", type=PLATFORM)
@click.argument("names", nargs=-1)
@click.option(
    "--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A name on each line."
)
def track(platform: str, names: tuple[str, ...], path: Path | None) -> int:
    """Collect the numbers of channels or profiles: @handles, channel ids or addresses of their pages.

    Each name is asked of the platform once. One that does not exist, or is not a professional profile, is reported, and
    the others are tracked. `./stir collect --once` asks for those tracked; the DAGs do so on their schedules.
    """
    from stir.collector.tracking import track as remember

    wanted = _names(names, path)
    settings = running_services(("postgres",))
    found = asyncio.run(_resolve(settings, platform, wanted))
    failed = [fault for fault in found if isinstance(fault, StirError)]
    for name, who in zip(wanted, found, strict=True):
        if isinstance(who, StirError):
            click.echo(f"{name}: {who.line}", err=True)
            continue
        value = who.id if platform == "youtube" else who.handle
        shown = f"@{who.handle} {who.title}".strip() if who.handle else who.title
        with working(f"tracking {shown}"):
            new = remember(settings, platform, value, shown)
        click.echo(f"{shown} ({value}) is tracked" + ("" if new else " already"))
    if failed:
        raise StirError(f"{len(failed)} of {len(wanted)} names could not be tracked", do="the lines above say why")
    return 0


def _names(names: Sequence[str], path: Path | None) -> list[str]:
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path else []
    found = [name.strip() for name in (*names, *lines)]
    wanted = list(dict.fromkeys(name for name in found if name and not name.startswith("#")))
    if not wanted:
        raise StirError("there is nobody to track", do="give handles, ids or addresses, or a --file of them")
    if len(wanted) > _MOST:
        raise StirError(f"{len(wanted):,} names are too many at once", do=f"give up to {_MOST:,}")
    return wanted


async def _resolve(settings: Settings, platform: str, names: Sequence[str]) -> list[Resolved | StirError]:
    """What each name means, or why it means nothing."""
    from stir.collector import credentials
    from stir.collector.limits import SharedBudget
    from stir.collector.resolving import resolve
    from stir.collector.session import Session

    session = Session(settings, "track")
    budget = SharedBudget(session, credentials.vault(settings))
    found: list[Resolved | StirError] = []
    try:
        with working(f"asking {platform}") as say:
            for number, name in enumerate(names, 1):
                say(f"asking {platform}: {number} of {len(names)}")
                try:
                    found.append(await resolve(platform, name, budget))
                except StirError as error:
                    found.append(error)
    finally:
        await session.close()
    return found


@click.command()
@click.argument("platform", type=PLATFORM)
@click.argument("names", nargs=-1, required=True)
def untrack(platform: str, names: tuple[str, ...]) -> None:
    """Collect no more of channels or profiles, named by id or handle. What was collected stays."""
    from stir.collector.tracking import untrack as forget

    settings = running_services(("postgres",))
    missing = []
    for name in names:
        with working(f"looking for {name}"):
            count = forget(settings, platform, name)
        if count:
            click.echo(f"{name} is not tracked any more")
        else:
            missing.append(name)
    if missing:
        raise StirError(f"nobody tracked is called {', '.join(missing)}", do="`./stir tracked` lists them")


@click.command("tracked")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tracked_command(as_json: bool) -> None:
    """List the channels and profiles that are tracked, and when each was last answered."""
    from stir.collector.tracking import last_answers, tracked

    settings = running_services(("postgres",))
    with working("reading the lists"), collector_tables(settings) as connection:
        who = tracked(settings)
        answered = last_answers(connection, [each.value for each in who])
    if as_json:
        rows = [{**asdict(each), "answered": answered.get(each.value)} for each in who]
        click.echo(json.dumps(rows, indent=2, default=str))
        return
    if not who:
        click.echo("nobody is tracked; `./stir track youtube @handle` adds a channel", err=True)
        return
    table = Table("platform", "id or handle", "name", "since", "answered", box=box.SIMPLE_HEAD)
    for each in who:
        last = answered.get(each.value)
        table.add_row(
            each.platform,
            escape(each.value),
            escape(each.name),
            f"{each.since:%Y-%m-%d}",
            f"{last:%Y-%m-%d %H:%M}" if last else "",
        )
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)
