"""`stir quarantine`: records that could not be loaded, to be repaired and replayed, or discarded."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stir.cli.world import Moment
from stir.errors import StirError

if TYPE_CHECKING:
    from stir.ingest.quarantine import Entry
    from stir.settings import Settings

_out = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
_err = Console(stderr=True, highlight=False)
SOME_REMAIN = 3


def masked(text: str) -> str:
    """The first two letters of what identifies somebody."""
    return text if len(text) < 3 else f"{text[:2]}…"


def _selection(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--since", type=Moment(), help="Only those that came since this ISO time."),
        click.option("--stream", help="Only those of this stream, table, channels or posts."),
        click.option("--reason", help="Only those with this reason."),
    ):
        command = option(command)
    return command


@click.group()
def quarantine() -> None:
    """List, repair and replay records that could not be loaded. Text of persons is encrypted and shown masked."""


@quarantine.command("list")
@_selection
@click.option("--state", type=click.Choice(["open", "replayed", "discarded", "all"]), default="open", show_default=True)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Newest that are shown.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_records(
    reason: str | None, stream: str | None, since: datetime | None, state: Any, limit: int, as_json: bool
) -> None:
    """List records, newest first."""
    from stir.ingest.quarantine import connect, entries

    settings = _settings()
    with connect(settings) as connection:
        found = entries(
            settings,
            connection,
            reason=reason,
            stream=stream,
            since=since,
            state=None if state == "all" else state,
            limit=limit,
        )
    if as_json:
        click.echo(json.dumps([_fields(each) for each in found], indent=2, default=str, ensure_ascii=False))
        return
    if not found:
        _out.print("no records" if state == "all" else f"no {state} records")
        return
    table = Table(
        "id", "stream", "reason", "field", "what is wrong", "key", "from", "times", "state", box=box.SIMPLE_HEAD
    )
    for each in found:
        cells = (each.stream, each.reason, each.path, each.message, masked(each.key), each.origin)
        table.add_row(str(each.id), *map(escape, cells), f"{each.times:,}", each.state)
    _out.print(table)


@quarantine.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--reveal", is_flag=True, help="Show also what is personal.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(number: int, reveal: bool, as_json: bool) -> None:
    """Show one record: where it came from, what is wrong with it, and what it says."""
    from stir.ingest.quarantine import connect, entry

    settings = _settings()
    with connect(settings) as connection:
        found = entry(settings, connection, number)
        bodies = {
            name: _shown(connection, found, body, reveal)
            for name, body in (("body", found.body), ("edited", found.edited_body))
            if body is not None
        }
    fields = _fields(found) | bodies
    if as_json:
        click.echo(json.dumps(fields, indent=2, default=str, ensure_ascii=False))
        return
    for name, value in fields.items():
        if value not in ("", None):
            text = value if isinstance(value, str) else json.dumps(value, indent=2, default=str, ensure_ascii=False)
            _out.print(f"[bold]{name}[/]: {escape(text)}", soft_wrap=True)


@quarantine.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="Give one field another value.")
@click.option("--body", type=click.File("rb"), help="A file with the whole record, or - for standard input.")
@click.option("--changes", type=click.File("rb"), help="A JSON object of the fields that change, or -.")
@click.option("--by", default=getpass.getuser, show_default="your login", help="Who edits it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def edit(number: int, sets: tuple[str, ...], body: Any, changes: Any, by: str, as_json: bool) -> None:
    """Repair a record: by --set, --changes, --body, or in $EDITOR. The record that came is kept beside it."""
    from stir.ingest.quarantine import connect, entry
    from stir.ingest.quarantine import edit as edit_record

    settings = _settings()
    fields: dict[str, Any] = {} if changes is None else _object(changes.read())
    for each in sets:
        field, sign, value = each.partition("=")
        if not sign:
            raise StirError(f"{each!r} is no FIELD=VALUE", where="--set")
        fields[field] = value
    with connect(settings) as connection:
        found = entry(settings, connection, number)
        if body is not None:
            changed = body.read()
        elif fields:
            changed = _with_fields(connection, found, fields)
        else:
            text = click.edit(found.current_body.decode("utf-8", "replace"), extension=".json")
            if text is None:
                raise StirError("nothing was changed", do="save the file in the editor, or use --set or --body")
            changed = text.encode()
        edit_record(settings, connection, number, changed, by)
    if as_json:
        click.echo(json.dumps({"edited": number}))
        return
    _out.print(f"record {number} was edited; `./stir quarantine replay {number}` loads it")


@quarantine.command()
@click.argument("numbers", type=int, nargs=-1, metavar="[ID]...")
@_selection
@click.option("--all", "every", is_flag=True, help="All open records.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def replay(
    numbers: tuple[int, ...], reason: str | None, stream: str | None, since: datetime | None, every: bool, as_json: bool
) -> int:
    """Load records again, as they were edited. The exit code is 3 if some are refused again, 1 if all are."""
    from stir.cli.load import build_command
    from stir.cli.working import working
    from stir.ingest.replay import replay as replay_records

    settings = _settings(("clickhouse", "postgres", "s3"))
    chosen = _chosen(settings, numbers, reason, stream, since, every=every)
    with working(f"replaying {len(chosen):,} records"):
        outcomes = replay_records(settings, chosen)
    refused = [outcome for outcome in outcomes if outcome.refused]
    code = 0 if not refused else SOME_REMAIN if len(refused) < len(outcomes) else 1
    if as_json:
        # ClickHouse's own words may hold a value of the record, and what is printed here is kept.
        said = [
            {"id": each.entry.id, "refused": each.refused.partition("refused_by_clickhouse:")[0]} for each in refused
        ]
        said = [each | {"refused": each["refused"] or "refused_by_clickhouse"} for each in said]
        click.echo(json.dumps({"replayed": len(outcomes) - len(refused), "refused": said}, ensure_ascii=False))
        _err.print(f"{len(outcomes) - len(refused):,} records replayed, {len(refused):,} not")
        return code
    for outcome in refused:
        _out.print(f"{outcome.entry.id}: {escape(outcome.refused)}", soft_wrap=True)
    _out.print(f"{len(outcomes) - len(refused):,} records replayed, {len(refused):,} not")
    if len(refused) < len(outcomes):
        _out.print(f"next: {build_command(settings)}, then `./stir publish --all`", soft_wrap=True)
    return code


@quarantine.command()
@click.argument("numbers", type=int, nargs=-1, metavar="[ID]...")
@_selection
@click.option("--all", "every", is_flag=True, help="All open records.")
@click.option("--note", help="Why.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def discard(
    numbers: tuple[int, ...],
    reason: str | None,
    stream: str | None,
    since: datetime | None,
    every: bool,
    note: str | None,
    as_json: bool,
) -> None:
    """Close records without loading them. They are deleted after STIR_KEEP_QUARANTINE_DAYS."""
    from stir.ingest.quarantine import close, connect

    settings = _settings()
    chosen = _chosen(settings, numbers, reason, stream, since, every=every)
    with connect(settings) as connection:
        closed = close(connection, chosen, "discarded", note)
    click.echo(json.dumps({"discarded": closed}) if as_json else f"{closed:,} records discarded")


@quarantine.command()
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def forget(key: str, as_json: bool) -> None:
    """Delete every record that names KEY (an id, a handle, an address), open or closed.

    KEY may be -, which reads it from standard input.
    """
    from stir.ingest.quarantine import connect
    from stir.ingest.quarantine import forget as forget_key

    key = sys.stdin.readline() if key == "-" else key
    if not key.strip():
        raise StirError("the key is empty", do="give an id, a handle or an address")
    settings = _settings(("postgres", "s3"))
    with connect(settings) as connection:
        deleted = forget_key(settings, connection, key)
    click.echo(json.dumps({"deleted": deleted}) if as_json else f"{deleted:,} records deleted")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not found:
        raise StirError("the changes are no JSON object with a field", where="--changes")
    return found


def _with_fields(connection: Any, found: Entry, fields: dict[str, Any]) -> bytes:
    """The body with other values of some fields: those it has, those of its file, those of its contract."""
    from stir.ingest.files.ledger import options_of
    from stir.ingest.replay import body_values, table_of
    from stir.sources.contract import contract

    known = options_of(connection, found.load_id) if found.load_id else None
    values = body_values(found.current_body, known[1] if known else None)
    if values is None:
        raise StirError(f"record {found.id} has no fields: it could not be read", do="give all of it with --body")
    more = known[1]["columns"] if known else contract(table_of(found.stream)).by_name
    for field, value in fields.items():
        if field not in {*values, *more}:
            raise StirError(f"the record has no field {field!r}", do=f"it has {', '.join(values)}")
        values[field] = value
    return json.dumps(values, ensure_ascii=False).encode()


def _settings(names: tuple[str, ...] = ("postgres", "s3")) -> Settings:
    from stir.cli.working import running_services

    return running_services(names)


def _chosen(
    settings: Settings,
    numbers: tuple[int, ...],
    reason: str | None,
    stream: str | None,
    since: datetime | None,
    *,
    every: bool,
) -> list[int]:
    """The numbers of a command line, or those of the open records that it describes."""
    from stir.ingest.quarantine import connect, entries, entry

    with connect(settings) as connection:
        if numbers:
            return [entry(settings, connection, number).id for number in numbers]
        if not (every or reason or stream or since):
            raise StirError("no record is named", do="give ids, --reason, --stream, --since or --all")
        found = entries(settings, connection, reason=reason, stream=stream, since=since, state="open")
    return [each.id for each in found]


def _fields(found: Entry) -> dict[str, Any]:
    fields = {name: value for name, value in asdict(found).items() if name not in ("body", "edited_body")}
    return fields | {"key": masked(found.key)}


def _shown(connection: Any, found: Entry, body: bytes, reveal: bool) -> Any:
    """A body for the eye: without what is personal, unless it is to be revealed."""
    from stir.ingest.files.ledger import options_of
    from stir.ingest.personal import without_personal

    known = options_of(connection, found.load_id) if found.load_id else None
    return body.decode("utf-8", "replace") if reveal else without_personal(found.stream, body, known)
