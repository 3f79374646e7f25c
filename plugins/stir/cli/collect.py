"""`stir collect`: workers that answer the requests of the queue from the real platforms."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from stir.addresses import LOOPBACK
from stir.cli.collected import build_and_publish, create_tables
from stir.cli.stopping import end, stops_by_signal
from stir.cli.working import running_services, working
from stir.errors import StirError
from stir.local.machine.ports import is_free

if TYPE_CHECKING:
    from stir.collector.service import Picture, Service
    from stir.settings import Settings

SERVICES = ("clickhouse", "postgres", "s3", "broker")
OUTCOMES = {
    "Complete": "complete",
    "Empty": "empty",
    "NotFound": "not found",
    "Conflict": "conflict",
    "Throttled": "throttled",
    "GivenBack": "given back",
    "Failed": "failed",
}
_FRAMES = 2.0
_REASONS = 6
_ASKS_A_MINUTE = 600


@click.command()
@click.option("--flows", "names", help="Only these flows, with commas between them; by default all.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
@click.option("--concurrency", default=16, show_default=True, type=click.IntRange(1, 500), help="Calls of a process.")
@click.option("--once", is_flag=True, help="Ask for whom you track, work until nothing is due, build and publish.")
@click.option("--no-build", is_flag=True, help="With --once: leave building and publishing to the DAGs.")
@click.option("--port", type=click.IntRange(1, 65535), default=9466, show_default=True, help="Port of health, metrics.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; metrics hold no secrets.")
def collect(
    names: str | None, processes: int, concurrency: int, once: bool, no_build: bool, port: int, host: str
) -> None:
    """Answer the requests of the queue until Ctrl-C or SIGTERM: ask the platforms, send what they say to the streams.

    Several may run at once, also of different versions: limits and quotas are shared. At the end no new request is
    begun; what is not done within half a minute goes back to the queue. Serves /healthz, /readyz and /metrics, and
    /api/v1 for clients with a token (`./stir door token NAME --streams collector-api`).

    With --once it asks for the channels and profiles of `./stir track`, works until nothing is due, writes what the
    streams hold, builds the leaderboard and publishes it.
    """
    from stir.collector.process import Orders
    from stir.collector.service import Service
    from stir.collector.tools import real_tools
    from stir.scrape_queue.flows import FLOWS

    wanted = tuple(name.strip() for name in names.split(",") if name.strip()) if names else None
    if unknown := set(wanted or ()) - FLOWS.keys():
        raise StirError(f"there is no flow {sorted(unknown)[0]!r}", do=f"the flows are: {', '.join(sorted(FLOWS))}")
    if not is_free(port):
        raise StirError(f"port {port} is taken", do="name another with --port")
    settings = running_services(SERVICES)
    create_tables(settings)
    if once:
        request_tracked(settings)

    async def run() -> tuple[Picture, bool]:
        service = Service(settings, real_tools, Orders(wanted, concurrency, once), processes)
        return await _served(settings, service, host, port), service.is_stopped

    picture, is_stopped = asyncio.run(run())
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(drawn(picture))
    if once and is_stopped:
        raise KeyboardInterrupt  # what was collected is kept; nothing is built of half an answer
    if once and not no_build:
        build_and_publish(settings)


def request_tracked(settings: Settings) -> None:
    """Make due what is tracked, once a day."""
    from stir import clock
    from stir.cli.credentials import collector_tables
    from stir.collector.tracking import request_due, tracked

    with working("asking for whom you track"), collector_tables(settings) as connection:
        who = tracked(settings)
        added = request_due(connection, who, moment=clock.now(settings))
    if not who:
        click.echo("nobody is tracked; `./stir track youtube @handle` adds a channel", err=True)
    else:
        click.echo(f"{len(who)} tracked, {added} requests are due" + ("" if added else " (asked for already today)"))


async def _served(settings: Settings, service: Service, host: str, port: int) -> Picture:
    """The service with its pages and, in a terminal, its view."""
    import psycopg

    from stir.collector.api import create_api
    from stir.collector.copying import copy_closed, keep_copying
    from stir.collector.sink import open_sink
    from stir.ingest import clients
    from stir.ingest.health import server

    known = clients.read(clients.clients_file(settings.state_dir))
    api = create_api(settings, clients.Clients(known, _ASKS_A_MINUTE))

    async def pages_of(scope: dict[str, Any], receive: Any, send: Any) -> None:
        called = api if scope["type"] == "http" and scope["path"].startswith("/api/") else service
        await called(scope, receive, send)

    pages = server(pages_of, host, port)
    console = Console(stderr=True, highlight=False)
    with stops_by_signal(service.stop):
        others = [asyncio.create_task(pages.serve()), asyncio.create_task(keep_copying(settings))]
        try:
            if console.is_terminal:
                with Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False) as live:
                    others.append(asyncio.create_task(_view(service, live)))
                    return await service.run()
            click.echo(f"collecting; health and metrics on http://{host}:{port}/metrics (Ctrl-C stops it)", err=True)
            return await service.run()
        finally:
            with contextlib.suppress(StirError, psycopg.Error):  # the next collector sends them
                async with open_sink(settings) as sink:
                    await copy_closed(settings, sink)
            pages.should_exit = True
            await end(others)


async def _view(service: Service, live: Live) -> None:
    while True:
        live.update(drawn(service.picture), refresh=True)
        await asyncio.sleep(1 / _FRAMES)


def drawn(picture: Picture) -> Group:
    """Flows with outcomes, what is in work, and what is left of the quotas."""
    flows = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    flows.add_column("flow", no_wrap=True)
    for title in ("due", *OUTCOMES.values()):
        flows.add_column(title, justify="right", no_wrap=True)
    by_flow: dict[str, Counter[str]] = {}
    for (flow, outcome), count in picture.outcomes.items():
        by_flow.setdefault(flow, Counter())[outcome] += count
    for flow in sorted(by_flow.keys() | {name for name, count in picture.waiting.items() if count}):
        found = by_flow.get(flow, Counter())
        counts = (picture.waiting.get(flow, 0), *(found[name] for name in OUTCOMES))
        flows.add_row(flow, *(f"{count:,}" if count else "" for count in counts))
    quota = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("source", "bucket", "project"):
        quota.add_column(title, no_wrap=True)
    for title in ("calls today", "units", "left"):
        quota.add_column(title, justify="right", no_wrap=True)
    for used in picture.quota:
        left = "" if used.left is None else f"{used.left:,}"
        quota.add_row(used.source, used.bucket, used.project, f"{used.calls:,}", f"{used.units:,}", left)
    closed = sum(picture.outcomes.values())
    processes = f"{picture.processes} process{'es' * (picture.processes != 1)}"
    work = f"{processes}, {picture.running} calls in work"
    line = f"{work}, {closed:,} requests done, {picture.rate:.1f}/s"
    parts: list[Table | Text] = [Text(line), flows] if by_flow or picture.waiting.total() else [Text(line)]
    if picture.quota:
        parts += [Text(), quota]
    parts += [
        Text(f"{flow}: {count:,} times: {reason}") for (flow, reason), count in picture.reasons.most_common(_REASONS)
    ]
    faults = {name: fault for name, fault in picture.faults.items() if name not in ("start", "workers")}
    parts += [Text(f"{name}: {fault}", style="yellow") for name, fault in faults.items()]
    return Group(*parts)
