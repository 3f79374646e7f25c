"""Loads a file block by block: good rows into ClickHouse, the others into quarantine, and a note of how far it came."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stir import connections
from stir.errors import StirError
from stir.ingest import quarantine, writer
from stir.ingest.files import ledger
from stir.ingest.files.blocks import Block, made
from stir.ingest.files.ledger import FileLoad
from stir.ingest.files.plans import Options, Plan, TablePlan
from stir.ingest.files.reading import is_totals_line, open_source
from stir.ingest.files.source import NoTableError, Record, Source
from stir.ingest.files.youtube import ChannelsPlan, PostsPlan
from stir.ingest.quarantine import Item
from stir.ingest.records import Violation
from stir.settings import Settings

if TYPE_CHECKING:
    import psycopg
    from clickhouse_connect.driver.client import Client

BLOCK = 10_000
"""Records in a block. Memory grows with it, and the number of inserts falls."""
_SAMPLE = 1000
SHORT_WAYS: dict[str, type[ChannelsPlan | PostsPlan]] = {"channels": ChannelsPlan, "posts": PostsPlan}

Progress = Callable[[FileLoad, int], None]
"""Called after each block with the load and the bytes of the file that were read."""


@dataclass
class Opened:
    """A file that is ready to be loaded."""

    source: Source
    plan: Plan
    target: str
    name: str
    options: Options
    records: Iterator[Record]

    def context(self) -> dict[str, Any]:
        """What a replay must know to read one record again."""
        return self.options.as_dict() | {
            "columns": self.source.columns,
            "read_delimiter": self.source.delimiter,
            "formats": self.plan.formats,
        }


@dataclass
class Preview:
    """What a load would do, from the first records."""

    read: int = 0
    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refused: list[tuple[int, Violation]] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)


def make_plan(
    target: str,
    options: Options,
    columns: Sequence[str],
    sample: Sequence[Mapping[str, Any]],
    *,
    delimiter: str = "",
    where: str = "",
    formats: Mapping[str, Sequence[str]] | None = None,
) -> Plan:
    """The plan for a source table or a short way.

    Raises:
        StirError: there is no such table, or the columns do not do.
    """
    if way := SHORT_WAYS.get(target):
        return way(options, columns, sample, delimiter=delimiter, where=where, formats=formats)
    return TablePlan(target, options, columns, sample, delimiter=delimiter, where=where, formats=formats)


def open_file(path: Path, target: str, options: Options, name: str = "") -> Opened:
    """Open a file and plan its load from its first records.

    Raises:
        StirError: it is no table, or its columns do not do.
    """
    name = name or path.name
    source = open_source(path, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet)
    ahead = list(islice(source.records, _SAMPLE))
    sample = [record.values for record in ahead if record.values is not None]
    try:
        plan = make_plan(target, options, source.columns, sample, delimiter=source.delimiter, where=name)
    except StirError as error:
        if len(source.columns) > 1 and not _wraps_records(sample):
            raise
        raise NoTableError(error.what, where=error.where, do=error.do) from None

    def records() -> Iterator[Record]:
        yield from ahead
        yield from source.records

    return Opened(source, plan, target, name, options, _without_totals(source, records()))


def _wraps_records(sample: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the file is one object that holds a list of objects, as an answer of an API."""
    return len(sample) == 1 and any(
        isinstance(value, list) and value and isinstance(value[0], dict) for value in sample[0].values()
    )


def _without_totals(source: Source, records: Iterator[Record]) -> Iterator[Record]:
    """The records without a last line that sums up the others."""
    held: Record | None = None
    for record in records:
        if held is not None:
            yield held
        held = None
        if record.values is not None and is_totals_line(record.values):
            held = record
        else:
            yield record
    if held is not None:
        source.skip("totals lines")


def preview(opened: Opened, settings: Settings, records: int = _SAMPLE) -> Preview:
    """What the first records would become. Nothing is written."""
    found, arrived = Preview(), datetime.now(UTC).replace(microsecond=0)
    for record in islice(opened.records, records):
        found.read += 1
        became = made(opened.plan, record, arrived)
        found.rows += became.rows if len(found.rows) < 5 else ()
        if became.violations and not became.rows:
            found.refused.append((record.line, became.violations[0]))
            reason = became.violations[0].reason
            found.reasons[reason] = found.reasons.get(reason, 0) + 1
    return found


def load_file(
    settings: Settings, opened: Opened, progress: Progress = lambda load, done: None
) -> tuple[FileLoad, bool]:
    """Load a file; the load, and whether it had been finished before.

    Raises:
        StirError: the file is damaged.
        clickhouse_connect.driver.exceptions.Error, psycopg.Error: a server is away; the same load again goes on.
    """
    path, context = opened.source.path, opened.context()
    known_as = ledger.load_id(path, opened.target, opened.plan.version, context)
    with (
        quarantine.connect(settings, autocommit=True) as connection,
        connections.clickhouse(settings) as client,
    ):
        load = ledger.begin(connection, known_as, opened.target, path, opened.name, context)
        if load.finished_at:
            return load, True
        for table in opened.plan.tables:
            writer.ensure_tokens(client, table)
        done = load.blocks
        with ThreadPoolExecutor(1) as stores:  # a block is stored while the next one is read
            stored: Future[None] | None = None
            for number in count(1):
                if not (block := list(islice(opened.records, BLOCK))):
                    break
                judged = Block(opened.plan, block, load.started_at, opened.source.delimiter) if number > done else None
                if stored is not None:
                    stored.result()
                progress(load, opened.source.done())
                if judged is not None:
                    stored = stores.submit(_store, settings, connection, client, opened, load, number, judged)
            if stored is not None:
                stored.result()
        ledger.save(connection, load, is_finished=True)
    return load, False


def _store(
    settings: Settings,
    connection: psycopg.Connection,
    client: Client,
    opened: Opened,
    load: FileLoad,
    number: int,
    block: Block,
) -> None:
    written = dict.fromkeys(opened.plan.tables, 0)
    for table, plain in [*block.plain.items()]:
        if plain.plain:
            try:
                names, token = plain.rows.columns, f"{load.load_id}:{number}:{table}:plain"
                writer.insert_stream(client, table, names, plain.stream(), token)
                written[table] += len(plain.plain)
            except writer.RowsRefused:  # which of them is found out row by row
                block.spread(table)
    for table, rows in block.rows.items():

        def refuse(position: int, message: str, table: str = table) -> None:
            found = ("", (Violation("refused_by_clickhouse", "$", message),))
            block.refused.setdefault(block.origins[table][position], found)

        token = f"{load.load_id}:{number}:{table}"
        written[table] += writer.insert_isolating(client, table, rows, token, refuse)
    refused = sorted(block.refused.items())
    items = [_item(opened, load, block.records[place], key, found) for place, (key, found) in refused]
    load.read += len(block.records)
    load.loaded += len(block.records) - len(items)
    for item in items:
        load.refused[item.reason] = load.refused.get(item.reason, 0) + 1
    for table, count_ in written.items():
        load.written[table] = load.written.get(table, 0) + count_
    load.blocks = number
    with connection.transaction():
        quarantine.add(settings, connection, items)
        ledger.save(connection, load)


def _item(opened: Opened, load: FileLoad, record: Record, key: str, found: tuple[Violation, ...]) -> Item:
    text = record.text if record.values is None else json.dumps(record.values, ensure_ascii=False, default=str)
    first = found[0] if found else Violation("wrong_type", "$", "the record cannot be read")
    return Item(
        stream=opened.target,
        reason=first.reason,
        body=text.encode("utf-8", "replace"),
        schema_version=opened.plan.version,
        path=first.path,
        message="; ".join([first.message, *(f"{each.path}: {each.message}" for each in found[1:])]),
        key=key,
        origin=f"{opened.name} line {record.line}",
        load_id=load.load_id,
    )


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files of a command line: a folder stands for the files in it and in its folders, by name.

    Raises:
        StirError: a path does not exist, or a folder is empty.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                each
                for each in path.rglob("*")
                if each.is_file() and not any(part.startswith(".") for part in each.relative_to(path).parts)
            )
            if not inside:
                raise StirError("the folder has no files", where=str(path))
            found += inside
        elif not path.exists():
            raise StirError("there is no such file", where=str(path), do="check the path")
        else:
            found.append(path)
    return found
