"""A source of the tests' own: an HTTP server on this machine, and flows that ask it.

What an entity is called says what the server does: `gone-…` 404, `slow-…` answers after a minute, `limited-…` 429.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import httpx

from stir.collector.limit_rules import Limit
from stir.collector.limits import Source
from stir.collector.process import Tools
from stir.collector.protocol import Budget, Charge, Complete, NotFound, Outcome, Sink, Task, Throttled
from stir.errors import StirError
from stir.settings import Settings
from stir.world.standins.server import StandIn

URL = "STIR_TEST_SOURCE_URL"
FLOWS = {"refresh_yt_profiles": 50, "refresh_yt_post_type": 1, "refresh_yt_profile_insights": 1}
SOURCES = {
    "local": Source(
        {"calls": (Limit(name="calls a minute", scope="source", count=1_000_000, seconds=60, burst=100_000),)}, False
    )
}


@dataclass
class Seen:
    """What the server was asked."""

    url: str
    calls: list[tuple[str, ...]] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def entities(self) -> Counter[str]:
        return Counter(each for call in self.calls for each in call)


@contextmanager
def local_server() -> Iterator[Seen]:
    """The server, and what it saw."""
    seen = Seen("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            names = tuple(unquote(self.path).rpartition("=")[2].split(","))
            seen.calls.append(names)
            seen.arrived.set()
            if any(name.startswith("slow-") for name in names):
                time.sleep(60)
            status = 429 if any(name.startswith("limited-") for name in names) else 200
            body = ",".join(name for name in names if not name.startswith("gone-")).encode()
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A worker that was killed has reset its connection."""

    server = Server(("127.0.0.1", 0), Handler)
    seen.url = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        yield seen
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@dataclass(frozen=True)
class LocalFlow:
    """Asks the server for all entities of its tasks in one call."""

    name: str
    merge: int
    client: httpx.AsyncClient

    async def run(self, tasks: Sequence[Task], budget: Budget, sink: Sink) -> Mapping[int, Outcome]:
        names = [each for task in tasks for each in task.entities]
        if any(name.startswith("broken-") for name in names):
            raise ValueError("an answer that nobody expected")
        if any(name.startswith("unsent-") for name in names):
            raise StirError("the broker has not taken the records")
        entity = names[0] if len(names) == 1 else None
        await budget.take(Charge(source="local", bucket="calls", entity=entity), tasks[0].priority)
        answer = await self.client.get("/", params={"ids": ",".join(names)}, timeout=100)
        if answer.status_code == 429:
            until = datetime.now(UTC) + timedelta(minutes=7)
            return {task.request_id: Throttled(until, "the server has had enough") for task in tasks}
        found = set(answer.text.split(","))
        await sink.publish("profile_log", [{"id": name} for name in found])
        return {
            task.request_id: Complete(1, "local") if found & set(task.entities) else NotFound("no such entity")
            for task in tasks
        }


class NoSink:
    """Takes records and keeps none: these tests look at calls and at the queue."""

    async def publish(self, stream: str, records: Sequence[Mapping[str, Any]]) -> None:
        await asyncio.sleep(0)


@asynccontextmanager
async def no_sink() -> AsyncIterator[Sink]:
    yield NoSink()


def local_tools(settings: Settings) -> Tools:
    """Flows over the server whose address stands in the environment."""
    client = httpx.AsyncClient(
        base_url=os.environ[URL], limits=httpx.Limits(max_connections=200, max_keepalive_connections=200)
    )
    flows = {name: LocalFlow(name, merge, client) for name, merge in FLOWS.items()}
    return Tools(flows, no_sink, SOURCES, overall=())


@contextmanager
def in_thread(stand_in: StandIn) -> Iterator[StandIn]:
    """The server in a loop of its own."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        async with stand_in:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(120)
    try:
        yield stand_in
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
