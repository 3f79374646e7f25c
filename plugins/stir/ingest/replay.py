"""Sends records of the quarantine through their contract again, as they were repaired, and once each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stir import connections
from stir.errors import StirError
from stir.ingest import quarantine, writer
from stir.ingest.files import ledger
from stir.ingest.files.loading import make_plan
from stir.ingest.files.plans import Made, Options, Plan
from stir.ingest.files.reading import parse_line
from stir.ingest.quarantine import Entry
from stir.ingest.records import Violation, checker
from stir.settings import Settings
from stir.sources.contract import contracts

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class Outcome:
    """What became of one record: `refused` is empty if it is in the warehouse now."""

    entry: Entry
    refused: str = ""


def replay(settings: Settings, numbers: Sequence[int]) -> list[Outcome]:
    """Replay open records. One that is refused again stays open.

    The same repaired record twice is inserted once: its token is made of its number and its body.

    Raises:
        clickhouse_connect.driver.exceptions.Error, psycopg.Error: a server is away; what was replayed stays replayed.
    """
    found, arrived = [], datetime.now(UTC).replace(microsecond=0)
    with (
        quarantine.connect(settings, autocommit=True) as connection,
        connections.clickhouse(settings) as client,
    ):
        for number in numbers:
            entry = quarantine.entry(settings, connection, number)
            if entry.state != "open":
                found.append(Outcome(entry, f"it was {entry.state} already"))
                continue
            made = read_again(connection, entry, arrived)
            refused = "; ".join(f"{each.reason}, {each.path}: {each.message}" for each in made.violations)
            if made.rows:
                refused = ""
                for place, (table, row) in enumerate(made.rows):
                    writer.ensure_tokens(client, table)
                    body = quarantine.Item(entry.stream, entry.reason, entry.current_body).body_hash
                    try:
                        writer.insert(client, table, [row], f"replay:{entry.id}:{body}:{place}")
                    except writer.RowsRefused as error:
                        refused = f"refused_by_clickhouse: {error}"
            if not refused:
                quarantine.close(connection, [entry.id], "replayed")
            found.append(Outcome(entry, refused))
    return found


def read_again(connection: psycopg.Connection, entry: Entry, arrived: datetime) -> Made:
    """The rows of a record as it stands now, or why there are none."""
    known = ledger.options_of(connection, entry.load_id) if entry.load_id else None
    if known is None:
        return _of_stream(entry, arrived)
    target, context = known
    values = body_values(entry.current_body, context)
    if values is None:
        said = "the record is neither a JSON object nor a line with as many values as the heading"
        return Made([], (Violation("undecodable", "$", said),))
    return plan_of(target, context, values).make(values, arrived)


def plan_of(target: str, context: dict[str, Any], values: dict[str, Any]) -> Plan:
    """The plan that read a record's file."""
    rest = {name: value for name, value in context.items() if name not in ("columns", "read_delimiter", "formats")}
    return make_plan(
        target,
        Options.of(rest),
        context["columns"],
        [values],
        delimiter=context["read_delimiter"],
        formats=context["formats"],
    )


def body_values(body: bytes, context: dict[str, Any] | None) -> dict[str, Any] | None:
    """The values of a body by column; None if it is neither JSON nor a line of the file."""
    text = body.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return parse_line(text, context["columns"], context["read_delimiter"]) if context else None
    return found if isinstance(found, dict) else None


def table_of(stream: str) -> str:
    """The source table of a stream, or of a table's own name.

    Raises:
        StirError: there is no such stream.
    """
    for each in contracts():
        if stream == each.name or stream in each.streams:
            return each.name
    raise StirError(f"there is no stream or table {stream!r}", do="discard the record")


def _of_stream(entry: Entry, arrived: datetime) -> Made:
    table = table_of(entry.stream)
    verdict = checker(table).check_bytes(entry.current_body, arrived)
    return Made([], verdict.violations) if verdict.row is None else Made([(table, verdict.row)])
