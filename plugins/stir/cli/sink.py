"""`stir sink`, `stir streams`, `stir emit`: records that come as streams."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from typing import IO, TYPE_CHECKING

import click
from rich import box
from rich.console import Console
from rich.table import Table

from stir.addresses import LOOPBACK
from stir.cli.stopping import end, stops_by_signal
from stir.cli.working import running_services, working
from stir.errors import StirError
from stir.local.machine.ports import is_free

if TYPE_CHECKING:
    from stir.ingest.broker import Broker
    from stir.settings import Settings

SERVICES = ("clickhouse", "postgres", "s3", "broker")
_RATE_SECONDS = 1.0


@contextlib.asynccontextmanager
async def broker_of(settings: Settings) -> AsyncIterator[Broker]:
    """A connection to the broker; its errors are lines for users."""
    from stir.ingest import broker

    where = f"STIR_BROKER_URL, {settings.broker.host}:{settings.broker.port}"
    try:
        connection = await broker.connect(settings)
    except broker.BrokerRefusedError:
        what = f"the broker refuses the password of `{settings.broker.user}`"
        raise StirError(what, where=where, do="put the right credentials into that variable") from None
    except broker.BrokerAwayError as error:
        do = "start the server or correct the address"
        raise StirError(f"the broker cannot be reached: {error}", where=where, do=do) from None
    try:
        yield connection
    except broker.BrokerFullError as error:
        do = "let a sink empty it, or give it more disk"
        raise StirError(f"the broker has no room: {error}", where=where, do=do) from None
    except broker.MessageTooLargeError as error:
        do = "send fewer or smaller records in a message (--batch)"
        raise StirError(f"the broker takes no message of this size: {error}", where=where, do=do) from None
    except broker.BrokerAwayError as error:
        do = "`./stir status` shows whether it runs; what was confirmed stays"
        raise StirError(f"the broker does not answer: {error}", where=where, do=do) from None
    finally:
        await connection.close()


@click.command()
@click.option("--streams", "names", help="Only these streams, with commas between them; by default all.")
@click.option("--port", type=click.IntRange(1, 65535), default=9465, show_default=True, help="Port of health, metrics.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; metrics hold no secrets.")
def sink(names: str | None, port: int, host: str) -> None:
    """Write what the streams bring into the source tables, until Ctrl-C or SIGTERM.

    A message is acknowledged once its rows are in ClickHouse and what its contract refuses is in quarantine. Several
    sinks may run at once. Serves /healthz, /readyz and /metrics.
    """
    from clickhouse_connect.driver.exceptions import Error as ClickHouseError

    from stir import connections
    from stir.ingest.streams import chosen
    from stir.sources.preparation import ensure_tables

    wanted = chosen([name.strip() for name in names.split(",") if name.strip()] if names else [])
    if not is_free(port):
        raise StirError(f"port {port} is taken", do="name another with --port")
    settings = running_services(SERVICES)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        with working("checking the source tables"), connections.clickhouse(settings) as client:
            ensure_tables(client)
    except ClickHouseError as error:  # it is away, which the sink waits for, or the role may only insert
        said = str(error).splitlines()[0]
        logging.getLogger(__name__).warning("the source tables were not brought to their contracts: %s", said)

    async def run() -> None:
        from stir.ingest.health import Health, server
        from stir.ingest.sink import Sink

        async with broker_of(settings) as broker:
            consuming = Sink(settings, broker, wanted)
            health = Health(settings, broker, wanted, consuming.metrics)
            pages = server(health, host, port)
            with stops_by_signal(consuming.stop):
                others = [asyncio.create_task(health.watch()), asyncio.create_task(pages.serve())]
                click.echo(
                    f"{len(wanted)} streams; health and metrics on http://{host}:{port}/metrics (Ctrl-C stops it)"
                )
                try:
                    await consuming.run()
                finally:
                    pages.should_exit = True
                    await end(others)

    asyncio.run(run())


@click.command()
@click.argument("stream")
@click.argument("file", type=click.File("rb"))
@click.option("--batch", default=100, show_default=True, type=click.IntRange(1), help="Records in one message.")
def emit(stream: str, file: IO[bytes], batch: int) -> None:
    """Send the records of FILE, one JSON object on each line, to STREAM; - is standard input.

    Each message counts once the broker has confirmed it. The sink checks the records by the stream's contract.
    """
    from stir.ingest.messages import NDJSON, joined
    from stir.ingest.streams import stream as find

    name = find(stream).name
    settings = running_services(("broker",))

    def messages() -> Iterator[list[bytes]]:
        lines = (line.rstrip(b"\r\n") for line in file if line.strip())
        while found := list(islice(lines, batch)):
            yield found

    async def send(broker: Broker) -> tuple[int, int]:
        records = sent = 0
        with working(f"sending to {name}") as say:
            for found in messages():
                body = joined(found)
                await broker.publish(name, body, message_id=sha256(body).hexdigest(), headers={"content-type": NDJSON})
                records, sent = records + len(found), sent + 1
                say(f"sending to {name}: {records:,} records confirmed")
        return records, sent

    async def run() -> tuple[int, int]:
        async with broker_of(settings) as broker:
            return await send(broker)

    records, sent = asyncio.run(run())
    if not records:
        raise StirError(f"{file.name} holds no record", do="give one JSON object on each line")
    click.echo(f"{records:,} records in {sent:,} messages are confirmed; `./stir sink` writes them to ClickHouse")


@dataclass(frozen=True)
class Row:
    """What `stir streams` says of one stream. `counts_held`: whether the backlog counts what sinks hold."""

    stream: str
    table: str
    backlog: int | None
    oldest: str | None
    rate: float | None
    quarantined: int | None
    counts_held: bool = True


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--asyncapi", is_flag=True, help="Print what each stream takes, as an AsyncAPI document.")
def streams(as_json: bool, asyncapi: bool) -> None:
    """List the streams: what waits, since when, how many messages come a second, and what lies in quarantine."""
    if asyncapi:
        from stir.ingest.asyncapi import document

        click.echo(json.dumps(document(), indent=2))
        return
    from stir.local import Supervisor
    from stir.settings import load_settings

    supervisor = Supervisor(load_settings())
    used = "broker" in supervisor.external or supervisor.service("broker").used
    with working("asking the broker"):
        rows = asyncio.run(_rows(running_services(SERVICES) if used else None))
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for title in ("stream", "table"):
        table.add_column(title, no_wrap=True)
    for title in ("backlog", "oldest", "a second", "in quarantine"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        rate = "" if row.rate is None else f"{row.rate:,.1f}"
        counts = ["" if number is None else f"{number:,}" for number in (row.backlog, row.quarantined)]
        table.add_row(row.stream, row.table, counts[0], row.oldest or "", rate, counts[1])
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)
    if not all(row.counts_held for row in rows):
        click.echo(
            "the backlog leaves out what sinks hold and have not written yet; with STIR_BROKER_MANAGEMENT_URL"
            " RabbitMQ says that, too",
            err=True,
        )
    if not used:
        click.echo(
            "no stream has been used yet: `./stir emit`, `./stir door` or `./stir up --with broker` begins", err=True
        )


async def _rows(settings: Settings | None) -> list[Row]:
    from datetime import UTC, datetime

    from stir.clock import spoken
    from stir.ingest.streams import streams as known

    if settings is None:
        return [Row(each.name, each.table, None, None, None, None) for each in known()]
    waiting = await asyncio.to_thread(_quarantined, settings)
    async with broker_of(settings) as broker:
        before = {each.name: await broker.backlog(each.name) for each in known()}
        await asyncio.sleep(_RATE_SECONDS)
        found = []
        for each in known():
            first, now = before[each.name], await broker.backlog(each.name)
            came = None if now.accepted is None or first.accepted is None else now.accepted - first.accepted
            oldest = spoken(datetime.now(UTC) - now.oldest) if now.oldest else None
            rate = None if came is None else came / _RATE_SECONDS
            counts = (now.messages, oldest, rate, waiting.get(each.name, 0), now.counts_held)
            found.append(Row(each.name, each.table, *counts))
    return found


def _quarantined(settings: Settings) -> dict[str, int]:
    from stir.ingest import quarantine

    query = "select stream, sum(times)::bigint from ingest.quarantine where state = 'open' group by stream"
    with quarantine.connect(settings) as connection:
        return {str(stream): int(count) for stream, count in connection.execute(query)}
