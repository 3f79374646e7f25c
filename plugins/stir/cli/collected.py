"""What follows `stir collect --once`: the streams are written, the leaderboard is built and published."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
from rich.console import Console

from stir.cli.sink import broker_of
from stir.cli.working import working

if TYPE_CHECKING:
    from stir.settings import Settings

BUILD = ("--select", "+mart_leaderboard", "+mart_time_series", "--exclude-resource-type", "test", "unit_test")
TABLES = ("leaderboard", "time_series")


def create_tables(settings: Settings) -> None:
    """Create the source tables that are missing, so that an empty warehouse can take what comes."""
    from stir import connections
    from stir.sources.preparation import ensure_tables

    with working("checking the source tables"), connections.clickhouse(settings) as client:
        ensure_tables(client)


def build_and_publish(settings: Settings) -> None:
    """Write what the streams hold, build what the leaderboard needs, publish it, and print it.

    Raises:
        StirError: a server or a model failed. What was collected stays in the streams or in the source tables.
    """
    from stir.cli.leaderboard import draw, read_first
    from stir.publish import publish
    from stir.transform.runner import run_dbt

    with working("writing what the streams hold") as say:
        asyncio.run(_write_streams(settings))
        say("building the leaderboard")
        run = run_dbt(
            settings, ["build", *BUILD], on_node=lambda node: say(f"building {node.index}/{node.total} {node.name}")
        )
        run.raise_for_failure()
        for name in TABLES:
            say(f"publishing {name}")
            publish(settings, name)
    board, rows = read_first(settings)
    if not rows:
        click.echo("the leaderboard is empty: nothing that was collected belongs on it yet", err=True)
        return
    Console(highlight=False).print(draw(rows, board))


async def _write_streams(settings: Settings) -> None:
    """Run a sink until nothing waits in the streams; another sink may run beside it."""
    from stir.ingest.sink import Sink
    from stir.ingest.streams import streams

    async with broker_of(settings) as broker, broker_of(settings) as looking:
        used = [each for each in streams() if (await looking.backlog(each.name)).messages]
        if not used:
            return
        sink = Sink(settings, broker, used)
        running = asyncio.create_task(sink.run())
        while not running.done() and any([(await looking.backlog(each.name)).messages for each in used]):
            await asyncio.sleep(0.2)
        sink.stop()
        await running
