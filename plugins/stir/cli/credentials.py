"""`stir credentials`: the keys and tokens with which the collector asks its sources."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stir.cli.working import running_services, working
from stir.errors import StirError
from stir.local.machine.layout import write_private

if TYPE_CHECKING:
    import psycopg

    from stir.settings import Settings


@contextmanager
def collector_tables(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection to the database that holds the queue and the collector's own tables."""
    from stir import connections
    from stir.database import BEAT, COLLECTOR, apply

    with connections.beat(settings, autocommit=True) as connection:
        with working("checking the collector's tables"):
            apply(connection, BEAT)
            apply(connection, COLLECTOR)
        yield connection


@click.group()
def credentials() -> None:
    """Keep the keys and tokens of the sources. They are encrypted, and no command prints them."""


@credentials.command()
@click.argument("source")
@click.option("--name", default="default", show_default=True, help="Its name; the same name replaces the secret.")
@click.option("--project", default="", help="Google project or Meta app; keys of one project share its quota.")
@click.option("--account", default="", help="Id of the account that it belongs to, as of an Instagram user.")
@click.option("--detail", "details", multiple=True, metavar="NAME=VALUE", help="What the source needs besides.")
@click.option("--from-env", metavar="VARIABLE", help="Read the secret from this variable of the environment.")
def add(source: str, name: str, project: str, account: str, details: tuple[str, ...], from_env: str | None) -> None:
    """Add a credential of SOURCE. The secret is asked for, or read from standard input or from a variable.

    Never give a secret as an argument: other users of the machine see the arguments of every process.
    """
    from stir.collector import credentials as store
    from stir.collector.limits import documented

    known = [each for each, rules in documented().items() if rules.needs_credential]
    if source not in known:
        raise StirError(f"there is no source {source!r} that needs a credential", do=f"give one of {', '.join(known)}")
    pairs = [detail.partition("=") for detail in details]
    if bad := [before for before, sign, _ in pairs if not sign]:
        raise StirError(f"{bad[0]!r} is not of the form name=value", where="--detail")
    secret = _secret(source, from_env)
    settings = running_services(("postgres",))
    new = store.New(source, name, secret, project, account, {before: after for before, _, after in pairs})
    with collector_tables(settings) as connection:
        number = store.add(connection, store.vault(settings), new)
        listed = store.find(connection, source, name)
    click.echo(f"{source} {name} is credential {number} of project {listed.project}")
    if source == "youtube" and not project:
        click.echo(
            "its quota is counted as a project of its own; if another key is of the same Google project, repeat with"
            " --project",
            err=True,
        )


def _secret(source: str, variable: str | None) -> str:
    if variable is not None:
        if not os.environ.get(variable):
            raise StirError(f"the variable {variable} is not set", where="--from-env")
        return os.environ[variable]
    if sys.stdin.isatty():
        return str(click.prompt(f"key or token of {source}", hide_input=True))
    return sys.stdin.read()


@credentials.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> None:
    """List the credentials: whose they are, how much they were used today, and whether they rest or are off."""
    from stir.collector import credentials as store

    settings = running_services(("postgres",))
    with collector_tables(settings) as connection:
        found = store.entries(connection)
    moment = datetime.now(UTC)
    if as_json:
        rows = [{**asdict(entry), "state": entry.state(moment)} for entry in found]
        click.echo(json.dumps(rows, indent=2, default=str))
        return
    if not found:
        click.echo("there are no credentials; `./stir credentials add SOURCE` adds one", err=True)
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for title in ("source", "name", "project", "state"):
        table.add_column(title, no_wrap=True)
    table.add_column("calls today", justify="right")
    table.add_column("note")
    for entry in found:
        state = entry.state(moment)
        note = {
            "off": entry.disabled_reason,
            "rests": f"until {entry.rested_until:%Y-%m-%d %H:%M} UTC: {entry.rest_reason}"
            if entry.rested_until
            else "",
        }.get(state, entry.check_note)
        table.add_row(
            *map(escape, (entry.source, entry.name, entry.project, state)), f"{entry.used_today:,}", escape(note or "")
        )
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)


@credentials.command()
@click.argument("source", required=False)
@click.option("--name", help="Only this one.")
def check(source: str | None, name: str | None) -> None:
    """Ask the sources whether their credentials can be used. One that is refused is off until a person acts."""
    from stir.collector import credentials as store
    from stir.collector.checking import check as ask

    settings = running_services(("postgres",))
    failed = 0
    with collector_tables(settings) as connection:
        wanted = [
            each for each in store.entries(connection, [source] if source else []) if name is None or each.name == name
        ]
        if not wanted:
            raise StirError("there is no such credential", do="`./stir credentials list` shows what there is")
        for entry in wanted:
            opened = store.open_credential(connection, store.vault(settings), entry)
            try:
                with working(f"asking {entry.source}"):
                    note = asyncio.run(ask(opened))
            except StirError as error:
                failed += 1
                # A source that is away says nothing of the credential.
                store.note_check(connection, entry, error.what, failed="does not answer" not in error.what)
                click.echo(f"{entry.source} {entry.name}: {error.line}", err=True)
                continue
            store.note_check(connection, entry, note, failed=False)
            click.echo(f"{entry.source} {entry.name}: {note}")
    if failed:
        raise StirError(f"{failed} of {len(wanted)} credentials cannot be used", do="the lines above say why")


@credentials.command()
@click.argument("source")
@click.option("--name", default="default", show_default=True)
@click.option("--minutes", default=60.0, show_default=True, type=click.FloatRange(0.1), help="How long.")
@click.option("--reason", default="asked for by a person", show_default=True, help="A note for the list.")
def rest(source: str, name: str, minutes: float, reason: str) -> None:
    """Use a credential no more for some time."""
    from stir.collector import credentials as store

    with collector_tables(running_services(("postgres",))) as connection:
        until = datetime.now(UTC) + timedelta(minutes=minutes)
        store.rest(connection, store.find(connection, source, name), until, reason)
    click.echo(f"{source} {name} rests until {until:%Y-%m-%d %H:%M} UTC")


@credentials.command()
@click.argument("source")
@click.option("--name", default="default", show_default=True)
def enable(source: str, name: str) -> None:
    """Use a credential again that rests or is off."""
    from stir.collector import credentials as store

    with collector_tables(running_services(("postgres",))) as connection:
        store.enable(connection, store.find(connection, source, name))
    click.echo(f"{source} {name} is used again")


@credentials.command("rotate-key")
def rotate_key() -> None:
    """Encrypt every secret with the newest key.

    Where the keys come from STIR_CREDENTIALS_KEY or an Airflow connection, put the new one before the old one there
    first, and remove the old one afterwards. The key of this checkout's own file is replaced.
    """
    from stir.collector import credentials as store

    settings = running_services(("postgres",))
    source = store.keys(settings)
    with collector_tables(settings) as connection, working("encrypting the credentials"):
        if source.given is None:
            # Both keys stand in the file until every secret has changed, so that a crash in between loses nothing.
            held = store.with_new_key(source.path)
            write_private(source.path, held)
            count = store.rotate(connection, store.vault(settings))
            write_private(source.path, held.partition(",")[0])
        else:
            count = store.rotate(connection, store.vault(settings))
    click.echo(f"{count} secrets are encrypted with the newest key of {source.where}")
