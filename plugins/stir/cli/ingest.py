"""`stir ingest audit`: shows that no record of a stream is lost."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

import click
from rich import box
from rich.console import Console
from rich.table import Table

from stir.cli.sink import SERVICES, broker_of
from stir.cli.working import running_services, working
from stir.errors import StirError
from stir.settings import Settings


async def _waiting(settings: Settings) -> dict[str, int]:
    from stir.ingest.streams import streams

    async with broker_of(settings) as broker:
        return {each.name: (await broker.backlog(each.name)).messages for each in streams()}


@click.group()
def ingest() -> None:
    """Audit the streams: every record received is in its table, in quarantine or waiting."""


@ingest.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def audit(as_json: bool) -> None:
    """Print for each stream and day what was received, and where it is: in the table, in quarantine or waiting.

    Fails if a record is nowhere. Repetitions count on both sides: a message that is delivered twice in different
    batches is received twice and stands in the source table twice; staging keeps one row of each key.
    """
    from stir.ingest.audit import days, holdings

    settings = running_services(SERVICES)
    with working("asking the broker, PostgreSQL and ClickHouse"):
        received = days(settings)
        found = holdings(settings, asyncio.run(_waiting(settings)))
    missing = sum(each.missing for each in found)
    if as_json:
        record = {
            "days": [{**asdict(each), "day": each.day.isoformat()} for each in received],
            "streams": [{**asdict(each), "missing": each.missing} for each in found],
        }
        click.echo(json.dumps(record, indent=2))
    else:
        console = Console(highlight=False)
        by_day = Table("stream", "day", box=box.SIMPLE_HEAD)
        for title in ("received", "written", "refused"):
            by_day.add_column(title, justify="right")
        for each in received:
            counts = (f"{number:,}" for number in (each.received, each.written, each.refused))
            by_day.add_row(each.stream, each.day.isoformat(), *counts)
        console.print(by_day)
        by_stream = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        by_stream.add_column("stream", no_wrap=True)
        for title in ("written", "table", "refused", "quarantine", "waiting", "missing"):
            by_stream.add_column(title, justify="right")
        for held in found:
            numbers = (held.written, held.in_table, held.refused, held.in_quarantine, held.waiting or 0, held.missing)
            by_stream.add_row(held.stream, *(f"{number:,}" for number in numbers))
        console.print(by_stream)
    if missing:
        raise StirError(
            f"{missing:,} records are neither in their table nor in quarantine",
            do="replay them from their producer; a table that was emptied by hand shows here, too",
        )
