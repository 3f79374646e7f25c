"""`stir load`: records from files into the source tables."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from stir.errors import StirError

if TYPE_CHECKING:
    from stir.ingest.files.ledger import FileLoad
    from stir.ingest.files.loading import Opened
    from stir.ingest.files.plans import Options
    from stir.settings import Settings

_out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
_err = Console(stderr=True, highlight=False)
SOME_QUARANTINED = 3
NOTHING_LOADED = 1


class Pair(click.ParamType[tuple[str, str]]):
    """`left=right`."""

    name = "pair"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        left, sign, right = str(value).rpartition("=") if param and param.name == "maps" else str(value).partition("=")
        if not sign or not left.strip():
            self.fail(f"{value!r} is not of the form name=value", param, ctx)
        return left.strip(), right.strip()


@click.command()
@click.argument("target", metavar="TABLE|channels|posts")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--map", "maps", type=Pair(), multiple=True, metavar="THEIRS=OURS", help="A column of the file, and ours."
)
@click.option("--set", "sets", type=Pair(), multiple=True, metavar="OURS=VALUE", help="One value for all rows.")
@click.option(
    "--dates", multiple=True, metavar="FORMAT", help="How dates are written, as in %d.%m.%Y; may be repeated."
)
@click.option("--null", "nulls", metavar="WORDS", help="Words for no value, separated by commas, instead of the usual.")
@click.option("--encoding", help="Encoding of the text; by default it is found out.")
@click.option("--delimiter", help="What separates values; by default the likeliest of , ; | and tab.")
@click.option("--decimal", type=click.Choice([".", ","]), help="Decimal sign; by default a comma in files with ;")
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook; by default the first one with cells.")
@click.option("--dry-run", is_flag=True, help="Show what would be loaded, and write nothing.")
@click.option("--into-world", is_flag=True, help="Load also into a warehouse that holds the synthetic world.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def load(target: str, files: tuple[str, ...], dry_run: bool, into_world: bool, as_json: bool, **reading: Any) -> int:
    """Load your own records from CSV, JSON lines, Parquet or Excel files into the source tables.

    Files may end in .gz or .zst; `-` is standard input, and a folder stands for its files.

    TABLE is a source table, as in events.profile_log_events. `channels` takes a spreadsheet of channels (id, handle or
    title; date; subscribers, views, videos) and `posts` one of videos. Columns are found by their names. Rows that
    break the contract of the table go to quarantine (`./stir quarantine list`). The same file is not loaded twice.

    The exit code is 0 if all rows were loaded, 3 if some are in quarantine, and 1 if nothing was loaded.
    """
    from stir.cli.working import running_services, working
    from stir.ingest.files.loading import files_in, load_file, open_file
    from stir.ingest.files.source import NoTableError

    options = _options(reading)
    settings = running_services(("clickhouse", "postgres", "s3"))
    with _spooled(settings, files) as paths:
        listed = files_in(paths)
        with working("reading the headings"):
            previews = []
            for path in listed.copy():  # nothing is written unless every file can be read
                try:
                    opened = open_file(path, target, options)
                except NoTableError as error:
                    if path in paths or len(listed) == 1:
                        raise
                    listed.remove(path)
                    _err.print(f"left out: {escape(error.line)}", soft_wrap=True)
                    continue
                if dry_run and as_json:
                    previews.append(_preview_record(settings, opened))
                elif dry_run:
                    _show_preview(settings, opened)
        if dry_run:
            if as_json:
                click.echo(json.dumps(previews, indent=2, default=str, ensure_ascii=False))
            return 0
        _check_warehouse(settings, into_world=into_world)
        loads: list[tuple[str, FileLoad, bool]] = []
        for path in listed:
            opened = open_file(path, target, options)
            with _bar(opened.name, path.stat().st_size) as progress:
                done, was_done = load_file(settings, opened, progress)
            loads.append((opened.name, done, was_done))
            if not as_json:
                _show_load(opened, done, was_done)
    return _finish(settings, target, loads, as_json=as_json)


def _options(reading: dict[str, Any]) -> Options:
    from stir.ingest.files.plans import Options

    nulls = reading.pop("nulls")
    delimiter = reading.pop("delimiter")
    named = {"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter)
    if named is not None and len(named) != 1:
        raise StirError(f"{named!r} is not one character", where="--delimiter", do="give one, or tab")
    return Options(
        nulls=None if nulls is None else tuple(word.strip() for word in nulls.split(",")),
        delimiter=named,
        **reading,
    )


@contextmanager
def _spooled(settings: Settings, files: Sequence[str]) -> Iterator[list[Path]]:
    """The paths of a command line. Standard input and pipes are written to files first.

    A file is read more than once, and a load of it can go on after it was killed.
    """
    if not any(file == "-" or _flows(Path(file)) for file in files):
        yield [Path(file) for file in files]
        return
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.state_dir, prefix="load-") as folder:

        def kept(number: int, file: str) -> Path:
            if file != "-" and not _flows(Path(file)):
                return Path(file)
            # Its name stands in reports and in the quarantine.
            path = Path(folder) / str(number) / ("standard input" if file in ("-", "/dev/stdin") else Path(file).name)
            path.parent.mkdir()
            with path.open("wb") as stream, sys.stdin.buffer if file == "-" else Path(file).open("rb") as source:
                shutil.copyfileobj(source, stream)
            return path

        yield [kept(number, file) for number, file in enumerate(files)]


def _flows(path: Path) -> bool:
    """Whether what is read from a path is gone then, as from a pipe."""
    return path.is_fifo() or path.is_char_device() or path.is_socket()


def _check_warehouse(settings: Settings, *, into_world: bool) -> None:
    """Create source tables that are missing, and keep real rows out of the synthetic world.

    Raises:
        StirError: the warehouse holds the synthetic world.
    """
    from stir import connections
    from stir.cli.working import working
    from stir.sources.preparation import ensure_tables
    from stir.world.history import read_state

    with working("checking the warehouse"), connections.clickhouse(settings) as client:
        if read_state(client) is not None and not into_world:
            raise StirError(
                "this warehouse holds the synthetic world, whose numbers would stand beside yours",
                do="`./stir warehouse new mine` makes an empty one beside it; or repeat with --into-world",
            )
        ensure_tables(client)


@contextmanager
def _bar(name: str, size: int) -> Iterator[Any]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(24),
        TextColumn("{task.fields[rows]:,} rows"),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal) as bars:
        task = bars.add_task(escape(name), total=size, rows=0)
        yield lambda load, done: bars.update(task, completed=done, rows=load.read)


def _preview_record(settings: Settings, opened: Opened) -> dict[str, Any]:
    """What `_show_preview` shows, for programs."""
    from stir.ingest.files.loading import preview

    found = preview(opened, settings)
    return {
        "file": opened.name,
        "form": opened.source.form,
        "columns": opened.plan.mapping,
        "notes": [*opened.source.notes, *opened.plan.said],
        "rows": [{"table": table, "row": row} for table, row in found.rows[:5]],
        "refused": [{"line": line, **asdict(violation)} for line, violation in found.refused[:10]],
        "read": found.read,
        "reasons": found.reasons,
    }


def _show_preview(settings: Settings, opened: Opened) -> None:
    from stir.ingest.files.loading import preview

    found = preview(opened, settings)
    _out.print(f"[bold]{escape(opened.name)}[/]: {escape(opened.source.form)}")
    mapping = Table("column of the file", "is", box=box.SIMPLE_HEAD)
    for ours, theirs in opened.plan.mapping.items():
        mapping.add_row(escape(theirs), ours)
    _out.print(mapping)
    _show_notes(opened)
    for table, row in found.rows[:5]:
        _out.print(escape(f"{table}: {json.dumps(row, ensure_ascii=False, default=str)}"), soft_wrap=True)
    for line, violation in found.refused[:10]:
        _out.print(f"[yellow]line {line}: {violation.reason}, {escape(violation.path)}: {escape(violation.message)}")
    _out.print(f"of the first {found.read:,} rows {found.read - sum(found.reasons.values()):,} can be loaded\n")


def _show_notes(opened: Opened) -> None:
    for note in (*opened.source.notes, *opened.plan.said):
        _out.print(f"  {escape(note)}", soft_wrap=True)


def _show_load(opened: Opened, load: FileLoad, was_done: bool) -> None:
    if was_done:
        _out.print(
            f"{escape(opened.name)}: already loaded on {load.finished_at:%Y-%m-%d %H:%M} ({load.loaded:,} rows)",
            soft_wrap=True,
        )
        return
    _out.print(f"[bold]{escape(opened.name)}[/] ({escape(opened.source.form)})", soft_wrap=True)
    _show_notes(opened)
    skipped = "".join(f", {count:,} {why} left out" for why, count in opened.source.skipped.items())
    _out.print(f"  {load.read:,} rows read, {load.loaded:,} loaded, {load.quarantined:,} in quarantine{skipped}")
    for reason, count in sorted(load.refused.items(), key=lambda each: -each[1]):
        _out.print(f"    {reason}: {count:,}")


def build_command(settings: Settings) -> str:
    """The build that shows new rows. A closed month of the leaderboard is built once, unless all is built again."""
    from stir import connections

    with connections.clickhouse(settings) as client:
        mart = {"db": settings.clickhouse_database, "name": "mart_youtube_leaderboard_base"}
        exists = "select 1 from system.tables where database = {db:String} and name = {name:String}"
        if client.query(exists, parameters=mart).result_rows:
            table = connections.quoted_table(mart["db"], mart["name"])
            if client.query(f"select 1 from {table} where month_state = 'FINAL' limit 1").result_rows:
                return "`./stir dbt build --full-refresh` (closed months of the leaderboard are built again)"
    return "`./stir dbt build`"


def _finish(settings: Settings, target: str, loads: Sequence[tuple[str, FileLoad, bool]], *, as_json: bool) -> int:
    loaded = sum(load.loaded for _, load, _ in loads)
    quarantined = sum(load.quarantined for _, load, was_done in loads if not was_done)
    if as_json:
        fields = [
            {
                "file": name,
                "load_id": load.load_id,
                "already_loaded": was_done,
                "read": load.read,
                "loaded": load.loaded,
                "quarantined": load.refused,
            }
            for name, load, was_done in loads
        ]
        click.echo(json.dumps({"target": target, "files": fields}, indent=2))
    elif loaded:
        _out.print(f"next: {build_command(settings)}, then `./stir publish --all`", soft_wrap=True)
    if quarantined and not as_json:
        _out.print("the rows in quarantine: `./stir quarantine list`")
    if not loaded:
        _err.print("stir: nothing was loaded")
        return NOTHING_LOADED
    return SOME_QUARANTINED if quarantined else 0
